"""Python components are recognised by the whole of what the SDK writes before their source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kfp_clients import OLD
from tests.server.pipelines.executor.bench import context_of

from trackside_server.pipelines.executor.prelude import recognise
from trackside_server.structs import replace


@pytest.fixture(scope="module")
def of_old_sdk():
    script = Path(__file__).with_name("components.py")
    return OLD.run(script, env=dict(os.environ))


def container_of(document):
    return context_of(document, Path("/nowhere")).executor


@pytest.fixture(params=["newest", "old"])
def documents(request, compiled):
    return compiled if request.param == "newest" else request.getfixturevalue("of_old_sdk")


def test_the_source_the_function_and_nothing_else_where_nothing_is_asked_for(documents):
    found = recognise(container_of(documents["absent"]))
    assert found is not None
    assert found.function == "absent"
    assert "def absent(" in found.source
    assert (found.packages, found.pip_options, found.brings_kfp) == ((), (), False)
    assert recognise(container_of(documents["bare"])).function == "bare"


def test_packages_come_from_the_indexes_that_the_author_names(documents):
    found = recognise(container_of(documents["wishes"]))
    assert found.packages == ("it's==1", "b[x]>=2; python_version<'4'")
    one, two = "https://one.example/simple", "https://two.example/simple"
    assert found.pip_options == (
        *("--index-url", one, "--extra-index-url", two),
        *("--trusted-host", one, "--trusted-host", two),
    )


def test_a_kfp_that_the_sdk_asks_for_is_not_installed_but_the_authors_own_is(documents):
    assert recognise(container_of(documents["other_kfp"])).packages == ()
    found = recognise(container_of(documents["own_kfp"]))
    assert found.packages == ("kfp==2.9.0", "a")
    assert found.brings_kfp


def test_an_environment_of_its_own_is_what_it_gets_anyway(compiled):
    assert recognise(container_of(compiled["apart"])).packages == ("a",)


def test_a_component_in_an_image_is_none(documents):
    assert recognise(container_of(documents["in_image"])) is None


def word(index, change):
    """Change one word of the command."""

    def changed(container):
        words = list(container.command)
        words[index] = change(words[index])
        return replace(container, command=tuple(words))

    return changed


@pytest.mark.parametrize(
    "change",
    [
        word(0, lambda _: "bash"),
        word(1, lambda _: "-x"),
        word(2, lambda text: f"{text}\nid\n"),
        word(2, lambda text: text.replace("'kfp", "$(id) 'kfp")),
        word(2, lambda text: text.replace("'kfp", "--index-url $(id) 'kfp")),
        word(2, lambda text: text.replace("'kfp", "--index-url x;id 'kfp")),
        word(2, lambda text: text.replace("&&", "; id &&")),
        word(5, lambda text: f"{text}; id"),
        word(6, lambda _: {"Concat": ["a"]}),
        lambda c: replace(c, command=(*c.command, "more")),
        lambda c: replace(c, command=()),
        lambda c: replace(c, args=(*c.args, "--more")),
        lambda c: replace(c, args=(*c.args[:3], "f;id")),
        lambda c: replace(c, args=("--executor_input", "{}", *c.args[2:])),
    ],
)
def test_what_differs_anywhere_is_not_taken_for_one(compiled, change):
    assert recognise(change(container_of(compiled["absent"]))) is None
