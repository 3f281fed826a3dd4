"""The controller of Jobs and pods whose run is gone."""
