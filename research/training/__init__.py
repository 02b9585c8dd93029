"""Fitting what the package ships: each module writes its parameters and their card, from PolNeAR or from torch."""
