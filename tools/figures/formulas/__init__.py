"""Figures and tables of formulas that the sources print: nothing is trained for them."""
