"""The bundle for support: everything that helps, and no secret."""

from __future__ import annotations

import json
import zipfile

import pytest

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import config_folder, data_folder
from sleap_remote_plugin.session.redaction import redacted, redacted_values
from sleap_remote_plugin.session.support import write_bundle

SECRET = "s3same-0pen"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----"

#: Lines as they might stand in a log or a file.
PLANTED = (
    "password={}",
    "password: {}",
    "Password = '{} and more'",
    '{{"password": "{}"}}',
    '{{"wandb": {{"api_key": "{}"}}}}',
    "passphrase = {}",
    "sshpass --password {}",
    "SLURM_JWT={}",
    "export WANDB_API_KEY={}",
    "GITHUB_TOKEN: {}",
    "Authorization: Bearer {}aaaa",
    "https://jane:{}@lab.example/x",
    KEY,
    KEY.split("-----END")[0],
)


@pytest.mark.parametrize("line", PLANTED)
def test_a_secret_is_left_out_and_the_rest_stays(line):
    text = redacted("before the line\n{}\n".format(line.format(SECRET)))
    assert SECRET not in text
    assert text.startswith("before the line\n")


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDB9.c2lnbmF0dXJl",
        "hf_abcdefghijklmnopqrst",
        "0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_what_looks_like_a_token_is_left_out(text):
    assert text not in redacted("the token was " + text)


@pytest.mark.parametrize(
    "text",
    [
        "gateway: password: accepted, more wanted",
        "gateway: password: in\ngateway: password: refused",
        "It takes for signing in: publickey, password",
        "that key is pinned: ~/.ssh/known_hosts, line 12",
        "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
        "job 417: COMPLETED after 0.21 s",
    ],
)
def test_what_helps_stays(text):
    assert redacted(text) == text


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part",
    ["a", "password", "eyJa-", "https://", 'pass="', "--token ", KEY[:31], "pwd:   "],
)
def test_no_text_takes_for_ever(part):
    redacted(part * (200_000 // len(part)))


def test_values_are_left_out_by_their_name_at_any_depth():
    values = {"a": [{"smtp_password": 1, "user": "jane"}], "token": {"x": 1}}
    assert redacted_values(values) == {
        "a": [{"smtp_password": "[left out]", "user": "jane"}],
        "token": "[left out]",
    }


def test_the_bundle_has_log_settings_profiles_and_versions_but_no_secret(home):
    (config_folder() / "clusters").mkdir(parents=True)
    data_folder().mkdir(parents=True)
    planted = "\n".join(line.format(SECRET) for line in PLANTED)
    (data_folder() / "log.txt").write_text("started in {}\n{}".format(home, planted))
    (data_folder() / "jobs.sqlite").write_text(SECRET)  # never goes along
    settings = {"user.lab": "jane", "password": SECRET, "note": "pwd=" + SECRET}
    (config_folder() / "settings.json").write_text(json.dumps(settings))
    (config_folder() / "clusters" / "lab.yaml").write_text(
        "# " + PLANTED[0].format(SECRET)
    )
    path = home / "bundle.zip"

    names = write_bundle(path, [("SLEAP", "1.6.3")], [PLANTED[1].format(SECRET)])

    with zipfile.ZipFile(str(path)) as archive:
        assert tuple(archive.namelist()) == names
        texts = {name: archive.read(name).decode("utf-8") for name in names}
    assert set(names) == {
        "README.txt",
        "versions.txt",
        "settings.json",
        "clusters/lab.yaml",
        "log.txt",
        "connection.txt",
    }
    assert not [name for name, text in texts.items() if SECRET in text]
    assert texts["log.txt"].startswith("started in ~\n")
    assert texts["versions.txt"] == "SLEAP: 1.6.3\n"
    assert json.loads(texts["settings.json"])["user.lab"] == "jane"


def test_a_folder_that_is_not_there_is_a_sentence_and_leaves_nothing(home):
    with pytest.raises(RemoteError, match="Choose another folder"):
        write_bundle(home / "nowhere" / "bundle.zip", [])
    assert not list(home.glob("**/*.part"))
