"""The scripts that our own containers run: plain files, so that shells and people can read them."""
