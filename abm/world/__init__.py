"""The world: tables, money, graph and paths in one place, and how it is built."""
