"""Servers that stand behind this one: where they are, who asks them, and how they are asked."""
