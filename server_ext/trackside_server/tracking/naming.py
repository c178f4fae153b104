"""Names for runs and models that nobody named: adjective-animal-number, as in MLflow."""

from __future__ import annotations

import secrets

_ADJECTIVES = (
    "able agile amber ample apt azure bold brave bright brisk calm candid capable clean clever "
    "crisp curious daring deft eager early easy fair fast fearless fine fleet fond fresh gentle "
    "glad golden grand happy hardy honest jolly keen kind lively loyal lucid lucky mellow merry "
    "mild modest neat nimble noble open patient placid plucky polite prime proud quick quiet rapid "
    "rare ready robust sage serene sharp shiny silent sleek smart smooth snappy sound spry stable "
    "steady still sturdy sunny swift tidy upbeat vivid warm wise witty young zesty"
).split()
_ANIMALS = (
    "ant auk bass bat bear bee bison boar bug calf carp cat chimp cod colt conch cow crab crane "
    "cub deer doe dog dolphin dove duck eel elk fawn finch fish flea fly foal fowl fox frog gnat "
    "gnu goat goose grouse grub gull hare hawk hen heron hog horse hound ibex jay kite koi lamb "
    "lark loon lynx mare midge mink mole moose moth mouse mule newt owl ox panda penguin perch pig "
    "pug puma quail ram rat ray robin roo rook seal shad shark sheep shrew shrike shrimp skink "
    "skunk sloth slug smelt snail snake snipe sow sponge squid squirrel stag steed stoat stork "
    "swan tern toad trout turtle vole wasp whale wolf worm wren yak zebra"
).split()


def random_name() -> str:
    """Give a name that is easy to say and to tell from others."""
    number = secrets.randbelow(1000)
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_ANIMALS)}-{number}"
