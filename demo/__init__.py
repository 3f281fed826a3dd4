"""The demo: releases three versions of a shop that serves, and checks what its visitors saw."""
