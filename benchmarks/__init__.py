"""Measurements that stand in README, each with its command."""
