"""Conditions of tasks and selectors of inputs: the part of CEL that pipelines use.

An expression is parsed once, by itself. Values come in only when its tree is evaluated, each looked
up by name; no value is ever made part of a text that is parsed. So what a task gives, or a user
passes, cannot change what a condition asks.
"""
