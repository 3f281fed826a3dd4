"""The controllers: what is reconciled, when, and how each kind is observed and acted on."""
