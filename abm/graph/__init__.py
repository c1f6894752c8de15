"""Joint-points (接点): links that form, and masks that cut them."""
