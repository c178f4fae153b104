"""The intermediate representation that the KFP SDK compiles pipelines to, read and checked."""
