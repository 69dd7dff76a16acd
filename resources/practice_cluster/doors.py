"""What an SSH host shows and asks at its door: host keys, a second factor."""

from __future__ import annotations

from . import hosts, services

_NEW_KEYS = """
cd /etc/ssh
for kind in ed25519 ecdsa; do
    file=ssh_host_${kind}_key
    [ -e $file.whole ] || { cp -p $file $file.whole; cp -p $file.pub $file.pub.whole; }
    rm -f $file $file.pub
    ssh-keygen -q -N '' -t $kind -C another -f $file
done
"""
_PUT_BACK = """
for file in {}; do
    [ ! -e $file ] || mv $file ${{file%.whole}}
done
"""
# The push to the user's telephone: the host waits for its answer. It hangs up first.
_ASK_FOR_PUSH = """
cp -n /etc/pam.d/sshd /etc/pam.d/sshd.whole
cp -n /etc/ssh/sshd_config /etc/ssh/sshd_config.whole
sed -i '/@include common-auth/a auth required pam_exec.so quiet /usr/bin/sleep 20' \\
    /etc/pam.d/sshd
sed -i '1i LoginGraceTime 2' /etc/ssh/sshd_config
"""


def change_keys(settings, host):
    """Give the host new keys, as after it was set up anew; or it is another one."""
    _change(settings, host, _NEW_KEYS)


def keys_as_before(settings, host):
    _change(settings, host, _PUT_BACK.format("/etc/ssh/ssh_host_*.whole"))


def ask_for_push(settings, host):
    """Ask for a second factor that nobody confirms; hang up after two seconds."""
    _change(settings, host, _ASK_FOR_PUSH)


def ask_no_more(settings, host):
    files = "/etc/pam.d/sshd.whole /etc/ssh/sshd_config.whole"
    _change(settings, host, _PUT_BACK.format(files))


def _change(settings, host, script):
    sshd = services.by_name("sshd on " + host)
    hosts.call(settings, host, ["bash", "-ec", script])
    services.kill(settings, sshd)
    services.start(settings, sshd)
