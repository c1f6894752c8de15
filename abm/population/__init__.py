"""Households: their columns, and how a population is made from published margins."""
