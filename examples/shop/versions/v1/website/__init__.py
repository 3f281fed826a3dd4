"""The shop's web site: settings, addresses, server entry."""
