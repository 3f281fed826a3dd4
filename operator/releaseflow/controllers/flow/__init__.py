"""The controller of ReleaseFlows."""
