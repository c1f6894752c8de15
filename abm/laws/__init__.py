"""What must hold whatever the rules say: laws of money, luck, switches, time, symmetry and scale."""
