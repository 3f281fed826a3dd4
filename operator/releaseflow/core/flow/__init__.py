"""What becomes of a ReleaseFlow: what starts a release, its gates from TargetsFound to RolledOut, and its rest."""
