from __future__ import annotations

import time

import pytest

from trackside_server.provenance.redact import (
    REDACTED,
    is_secret_file,
    is_secret_name,
    redact,
    redact_environment,
    redact_url,
)

# Built from parts, so that no scanner of this repository takes them for real ones.
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3
AWS = "AKIA" + "ABCDEFGHIJKLMNOP"
SLACK = "xoxb-" + "123456789012-abcdefghijkl"
HUGGING_FACE = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWx"
OPENAI = "sk-" + "proj-abcdefghijklmnopqrstuvwx"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "abcDEF123_-"
TRACKSIDE = "tsj_" + "x" * 43
PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEpAIBAAKC\nAQEA7\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("secret", [GITHUB, AWS, SLACK, HUGGING_FACE, OPENAI, JWT, TRACKSIDE, PEM])
@pytest.mark.parametrize("line", ["f({})", "+    x = '{}'  # mine", "{}", "see {} there"])
def test_a_token_of_known_shape_goes_wherever_it_stands(line, secret):
    cleaned = redact(line.format(secret))
    assert secret not in cleaned
    assert cleaned == line.format(REDACTED)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('password = "hunter2"', "hunter2"),
        ("os.environ['HF_TOKEN'] = 'abc'", "abc"),
        ('os.environ.setdefault("API_KEY", "abc1")', "abc1"),
        ('login(token="x1y2z3")', "x1y2z3"),
        ('{"client_secret": "zzz", "a": 1}', "zzz"),
        ('token: str = "abcdef"', "abcdef"),
        ("api_key = '''\nabc\ndef\n'''", "abc\ndef"),
        ("+export API_KEY=abc123def", "abc123def"),
        ("+  password: correct-horse1", "correct-horse1"),
        ("%env WANDB_API_KEY 0123456789abcdef", "0123456789abcdef"),
        ("train.py --api-key abc123 --lr 0.1", "abc123"),
        ("train.py --password=abc123 --lr 0.1", "abc123"),
        ("https://me:pw@host/x", "pw"),
        ("postgresql+psycopg://u:p%40ss@db:5432/x", "p%40ss"),
        ("curl https://x/y?sig=abc%2Fdef&x=1", "abc%2Fdef"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ('headers={"Authorization": "Basic dXNlcjpwYXNz"}', "dXNlcjpwYXNz"),
        ("AccountKey=abcd+efgh/ijk==;", "abcd+efgh/ijk=="),
        ("https://hooks.slack.com/services/T000/B000/abcdefghijklmn", "T000/B000/abcdefghijklmn"),
    ],
)
def test_a_value_with_the_name_of_a_secret_goes(line, secret):
    cleaned = redact(line)
    assert secret not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize(
    "line",
    [
        "token = tokenizer(text)",
        "max_tokens=512",
        'pad_token="<pad>"',
        "api_key=getpass()",
        'password = os.environ["PASSWORD"]',
        "token: Optional[str] = None",
        "for token in tokens:",
        "eos_token_id=tokenizer.eos_token_id",
        'tokenizer = AutoTokenizer.from_pretrained("bert-base")',
        'print("token:", "value")',
        "signature = inspect.signature(f)",
        "key=lambda x: x",
        "import secrets",
        "epoch=3 loss=0.1 accuracy=0.97",
        "git@github.com:team/repo.git",
        "https://me@example.org/x",
        "@@ -1,2 +1,2 @@ def sk(x):",
    ],
)
def test_ordinary_code_stays_as_it_is(line):
    assert redact(line) == line


@pytest.mark.parametrize(
    "text",
    [
        "token=" * 100_000,
        "token='''" + "x" * 500_000,
        "-----BEGIN PRIVATE " + "KEY-----" * 60_000,
        "password " * 60_000,
        " " * 500_000,
        "://" * 150_000,
        "a_" * 250_000 + "token",
        "eyJ" * 150_000,
    ],
    ids=range(8),
)
def test_hostile_text_does_not_take_long(text):
    begin = time.process_time()
    redact(text)
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://user:pw@github.com/a/b.git", "https://github.com/a/b.git"),
        (f"https://{GITHUB}@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://host:8443/a.git?private_token=x#y", "https://host:8443/a.git"),
        ("ssh://git@host:22/a.git", "ssh://git@host:22/a.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("https://[broken/a.git", REDACTED),
    ],
)
def test_the_address_of_a_repository_keeps_no_credentials(url, kept):
    assert redact_url(url) == kept


def test_variables_are_known_by_their_names_and_by_their_values():
    cleaned = redact_environment(
        {"AWS_SECRET_ACCESS_KEY": "a", "HF_TOKEN": "b", "NOTE": GITHUB, "LR": "0.1", "TOKEN": ""}
    )
    assert cleaned == {
        "AWS_SECRET_ACCESS_KEY": REDACTED,
        "HF_TOKEN": REDACTED,
        "NOTE": REDACTED,
        "LR": "0.1",
        "TOKEN": "",
    }


@pytest.mark.parametrize("name", ["DB_PASSWORD", "token", "SSH_KEY", "SESSION_COOKIE"])
def test_names_that_promise_a_secret_are_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["LR", "KEYBOARD", "MONKEY", "EPOCHS", "TOKENIZERS_PARALLELISM"])
def test_other_names_are_not(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "path", [".env", "a/.env.local", "keys/id_rsa", "x.pem", "service-account-1.json", ".netrc"]
)
def test_files_that_hold_secrets_are_known(path):
    assert is_secret_file(path)


@pytest.mark.parametrize("path", ["train.py", "environment.yml", "keys.py", "README.md"])
def test_other_files_are_not(path):
    assert not is_secret_file(path)
