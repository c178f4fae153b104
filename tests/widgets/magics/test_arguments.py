"""The one table of options: what may be typed, and what is said when it is wrong."""

from __future__ import annotations

import argparse
import inspect

import pytest

from trackside import submit
from trackside._arguments import (
    CLI,
    COMMANDS,
    JOB_OPTIONS,
    MAGIC,
    MAGICS,
    SUBMIT,
    TRAIN,
)
from trackside._option import add_to, given, read_value
from trackside._usage import sentence


class Complaint(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Complaint(message)


def parse(words, command=TRAIN, door=MAGIC):
    options = command.at(door)
    parser = Parser(add_help=False, allow_abbrev=False)
    add_to(parser, options)
    try:
        return given(options, parser.parse_args(words))
    except Complaint as error:
        raise AssertionError(sentence(str(error), options)) from None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.01", 0.01),
        ("1e-3", 1e-3),
        ("-5", -5),
        ("True", True),
        ("None", None),
        ("[64, 32]", [64, 32]),
        ("{'a': 1}", {"a": 1}),
        ("'0.01'", "0.01"),
        ("adam", "adam"),
        ("2024-01-01", "2024-01-01"),
        ("", ""),
        ("a b", "a b"),
        ("1e999", "1e999"),
        ("{1, 2}", "{1, 2}"),
        ("b'x'", "b'x'"),
        ("__import__('os')", "__import__('os')"),
        ("(" * 5000, "(" * 5000),
    ],
)
def test_values_are_python_literals_else_text(text, value):
    found = read_value(text)
    assert found == value
    assert type(found) is type(value)


def test_each_option_fills_a_keyword_of_submit():
    keywords = set(inspect.signature(submit).parameters)
    assert {option.keyword for option in JOB_OPTIONS} <= keywords
    assert keywords - {option.keyword for option in JOB_OPTIONS} == {"what", "arguments"}


@pytest.mark.parametrize("door", [MAGIC, CLI])
def test_the_same_options_exist_in_magic_and_command_line(door):
    command = TRAIN if door == MAGIC else SUBMIT
    assert set(JOB_OPTIONS) <= set(command.at(door))


def test_flags_are_the_keywords_in_the_singular_with_hyphens():
    for option in JOB_OPTIONS:
        flag = option.names[0].removeprefix("--").replace("-", "_")
        assert option.keyword in (flag, flag + "s")


@pytest.mark.parametrize("command", {c.name: c for c in (*MAGICS, *COMMANDS)}.values())
def test_help_is_whole_sentences(command):
    for text in (command.help, *(option.help for option in command.options)):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "!" not in text


def test_options_become_keywords_with_their_types():
    assert parse(
        [
            *("--param", "lr=0.01", "-p", "opt=adam", "--param", "layers=[64, 32]"),
            *("--gpus", "1", "--cpus", "0.5", "--memory", "16Gi", "--time-limit", "2h"),
            *("--retries", "2", "--env", "MODE=fast=yes", "--env", "HF_TOKEN"),
            *("--file", "a.csv", "--file", "data/*.csv", "--tag", "team=vision"),
            *("--metric-pattern", r"L=(?P<loss>\S+)", "--on", "cluster", "--as", "job"),
            *("--image", "train:1", "--nodes", "4", "--queue", "team-a", "--runtime", "torch"),
            "--install",
        ]
    ) == {
        "params": {"lr": 0.01, "opt": "adam", "layers": [64, 32]},
        "gpus": 1,
        "cpus": 0.5,
        "memory": "16Gi",
        "time_limit": "2h",
        "retries": 2,
        "env": {"MODE": "fast=yes", "HF_TOKEN": None},
        "files": ["a.csv", "data/*.csv"],
        "tags": {"team": "vision"},
        "metric_pattern": r"L=(?P<loss>\S+)",
        "on": "cluster",
        "image": "train:1",
        "nodes": 4,
        "queue": "team-a",
        "runtime": "torch",
        "install": True,
        "variable": "job",
    }


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2), (" 0 ", 0), ("A100", "A100"), ("2 x 1g.10gb", "2 x 1g.10gb")]
)
def test_gpus_are_a_number_or_a_name(text, value):
    assert parse(["--gpus", text]) == {"gpus": value}


def test_what_is_not_given_is_left_to_the_server():
    assert parse([]) == {}


def test_the_last_of_two_values_wins():
    assert parse(["--param", "lr=1", "--param", "lr=2"]) == {"params": {"lr": 2}}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gpu", "1"], "There is no option --gpu. Did you mean --gpus?"),
        (["--gpus"], "--gpus needs a value: --gpus GPUS."),
        (
            ["--gpus", "-1"],
            (
                "--gpus takes a whole number from 0 up, or GPUs such as A100, '2 x A100-80GB' or"
                " 1g.10gb; it got '-1'."
            ),
        ),
        (["--nodes", "0"], "--nodes takes a whole number from 1 up; it got '0'."),
        (["--on", "moon"], "--on takes one of local, cluster; it got 'moon'."),
        (["--cpus", "0"], "--cpus takes a number above 0; it got '0'."),
        (["--cpus", "nan"], "--cpus takes a number above 0; it got 'nan'."),
        (["--param", "lr"], "--param takes NAME=VALUE, as in --param lr=0.01; it got 'lr'."),
        (["--param", "=1"], "--param takes NAME=VALUE, as in --param lr=0.01; it got '=1'."),
        (["--as", "my job"], "--as takes the name of a variable; 'my job' cannot be one."),
        (["--as", "class"], "--as takes the name of a variable; 'class' cannot be one."),
        (["--gpu=1"], "There is no option --gpu. Did you mean --gpus?"),
        (["lr=0.1"], "'lr=0.1' is one word too many. A param is written --param lr=0.1."),
        (["job"], "'job' is one word too many. Put a value that has blanks into quotes."),
    ],
)
def test_a_wrong_option_is_answered_by_a_sentence_that_says_what_to_do(words, said):
    with pytest.raises(AssertionError) as caught:
        parse(words)
    assert str(caught.value) == said


def test_an_unknown_option_without_a_likely_meaning_lists_the_known_ones():
    with pytest.raises(AssertionError, match=r"There is no option --zzz. The options are --param,"):
        parse(["--zzz"])
