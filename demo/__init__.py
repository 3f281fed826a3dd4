"""The demo: releases four versions of a shop that serves, and checks what its visitors saw."""
