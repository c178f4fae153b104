"""Programs of any kind as jobs: the bootstrap becomes them."""

import json
import os
import signal

import pytest


@pytest.fixture
def command(job):
    """Return a function that runs a command in a job's folder."""

    def run(*words, executable=(), start=False, **launch):
        job.write(
            "__trackside__/entry.json",
            json.dumps({"kind": "command", "executable": list(executable)}),
        )
        begin = job.start if start else job.run
        return begin(arguments=list(words), label="./train", **launch)

    return run


def test_a_program_of_the_path_gets_its_arguments_as_they_are(command):
    ended = command("printf", "%s\n", "--lr", "0.1", "a b", "$HOME", "")
    assert ended.out == "--lr\n0.1\na b\n$HOME\n\n"
    assert (ended.code, ended.failure) == (0, None)
    assert ended.json("environment.json")["python"]


def test_it_runs_in_the_folder_of_the_job(command, job):
    job.write("data.csv", "1,2\n")
    ended = command("sh", "-c", "pwd -P; cat data.csv; echo new > made.txt")
    assert ended.out == f"{job.work.resolve()}\n1,2\n"
    assert (job.work / "made.txt").read_text() == "new\n"


def test_a_program_that_travelled_may_be_executed_again(command, job):
    job.write("train", "#!/bin/sh\necho $0 $*\nexec ./bin/step\n")
    job.write("bin/step", "#!/bin/sh\necho stepping\nexit 3\n")
    ended = command("./train", "--lr", "0.1", executable=["train", "bin/step", "gone"])
    assert (ended.out, ended.code) == ("./train --lr 0.1\nstepping\n", 3)
    assert ended.failure is None


def test_its_exit_status_and_its_signals_are_its_own(command):
    assert command("sh", "-c", "exit 9").code == 9
    assert command("sh", "-c", "kill -KILL $$").code == -signal.SIGKILL
    process = command(
        "sh", "-c", "trap 'echo saved; exit 5' TERM; sleep 60 & echo ready; wait", start=True
    )
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGTERM)
    assert process.stdout.readline() == "saved\n"
    assert process.wait(30) == 5
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_pipe_that_breaks_ends_it_as_in_a_shell(command):
    # Python ignores SIGPIPE; a program that inherits this prints errors for ever.
    assert command("sh", "-c", "kill -PIPE $$; echo still here").code == -signal.SIGPIPE


NO_PROGRAM = [
    (
        ["no-such-program"],
        127,
        "There is no program no-such-program on the PATH of the job.",
        "Install it where the job runs, or use an image that holds it.",
    ),
    (
        ["./gone"],
        127,
        "There is no program ./gone in the job.",
        "Jobs run in a copy of the code: add --file gone.",
    ),
    (
        ["/opt/gone"],
        127,
        "There is no program /opt/gone in the job.",
        "Use an image that holds it, or install it where jobs run.",
    ),
    (
        ["plain"],
        127,
        "There is no program plain on the PATH of the job.",
        "For the file that travelled write ./plain.",
    ),
    (
        ["./plain"],
        126,
        "./plain may not be executed.",
        "Run chmod +x ./plain, and submit it again.",
    ),
    (
        ["./alien"],
        127,
        "./alien cannot start: the interpreter that its first line names is not here.",
        "Name one that the job's machine or image has.",
    ),
    (
        ["./text"],
        126,
        "./text is no program that this machine can run.",
        "A script begins with a line such as #!/bin/sh; a binary is built for Linux.",
    ),
]


@pytest.mark.parametrize(("words", "code", "message", "hint"), NO_PROGRAM)
def test_a_program_that_cannot_start_is_told_with_the_way_out(
    command, job, words, code, message, hint
):
    job.write("plain", "#!/bin/sh\n")
    job.write("alien", "#!/no/such/interpreter\n")
    job.write("text", "no program\n")
    ended = command(*words, executable=["alien", "text"])
    assert ended.code == code
    assert ended.err == f"{message} {hint}\n"
    assert ended.failure["message"] == message
    assert ended.failure["hint"] == hint
    assert ended.failure["type"] is None
