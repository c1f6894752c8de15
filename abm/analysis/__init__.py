"""Comparisons between arms: paired contrasts, Shapley values of the layers, and the money behind them."""
