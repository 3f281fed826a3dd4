"""The objects as they were last seen: store, indexes, informer, reads and writes."""
