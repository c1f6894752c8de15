"""What everything rests on: names, luck, columns, money, time and the order of a tick."""
