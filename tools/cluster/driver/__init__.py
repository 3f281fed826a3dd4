"""The driver of the test cluster: boots it, builds its images, removes it; standard library only."""
