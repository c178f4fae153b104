"""The Python of a job: the one asked for, the kernel's, the server's."""

import sys

import pytest

from trackside_server.jobs.entities import JobSpec
from trackside_server.jobs.pythons import chosen, is_usable


def spec(told, python=None):
    return JobSpec(kind="cell", bundle="a" * 64, python=python, source={"python": told})


def test_the_one_that_was_asked_for_comes_first():
    assert chosen(spec(sys.executable, python="/opt/python")) == "/opt/python"


def test_else_it_is_that_of_the_kernel_where_it_is_on_this_machine():
    assert chosen(spec(sys.executable)) == sys.executable


@pytest.mark.parametrize("told", [None, "", "python", "/nowhere/python", "/" + "x" * 3000, 7])
def test_one_that_is_not_here_is_nobodys(told):
    assert chosen(spec(told)) is None


def test_a_file_that_may_not_be_executed_is_no_python(tmp_path):
    file = tmp_path / "python"
    file.write_text("#!/bin/sh\n")
    assert not is_usable(str(file))
    file.chmod(0o755)
    assert is_usable(str(file))
