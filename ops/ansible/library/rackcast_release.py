#!/usr/bin/python
# Brings one host's share of a release into a state: loaded into its rtorrent, verified and made current, or absent.
#
# Python 3.7 or later and its standard library. Not built on AnsibleModule, which costs four times the processor time for
# every host: Ansible puts the arguments in place of the mark below. By hand: rackcast_release.py ARGUMENTS.json

import base64
import binascii
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import xmlrpc.client

DOCUMENTATION = r"""
module: rackcast_release
short_description: A release on a host, by the host's rtorrent
description:
  - C(loaded) has the client download it, or check and mend what is there.
  - C(verified) compares every file with the manifest and then makes it the current one of its series.
  - C(absent) takes releases off, their files too; never one that is current.
  - A failure has a C(code), such as DISK_FULL, beside its C(msg).
options:
  state: {required: true, choices: [loaded, verified, absent]}
  name: {description: The torrent's name. Not for absent.}
  info_hash: {description: 40 hex digits. Not for absent.}
  torrent: {description: For loaded. The .torrent in base64.}
  length_bytes: {description: For loaded. The payload's size.}
  anew: {description: "For loaded. Has a download that is under way begin anew, with what is there.", default: false}
  recheck: {description: "For loaded. Has the client hash again what is there.", default: false}
  manifest: {description: "For verified. The tracker's manifest in base64."}
  signature: {description: "For verified. The manifest's Ed25519 signature in base64; empty for an unsigned release."}
  series: {description: "For verified. What C(current) has the release under."}
  unwanted: {description: "For absent. A list of {name, info_hash}."}
  releases: {default: /var/lib/rackcast/releases}
  current: {default: /var/lib/rackcast/current}
  socket: {default: /run/rackcast/rtorrent.sock}
  trust_key: {description: "Ed25519 public key (PEM). If the file is there, only signed releases pass.", default: /etc/rackcast/trust.pem}
"""

# JSON never has three quotes in a row.
ARGUMENTS = r"""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"""

CHUNK_BYTES = 1024 * 1024
CALL_SECONDS = 30
LOADING_SECONDS = 20
POLL_SECONDS = 0.1


class HostFailure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# Arguments


def text(pattern, rule):
    def check(value):
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise ValueError(rule)

    return check


def size(value):
    if re.fullmatch(r"\d{1,16}", str(value)):
        return int(value)
    raise ValueError("must be a number of bytes")


def flag(value):
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() in words:
        return words[str(value).lower()]
    raise ValueError("must be true or false")


def encoded(value):
    try:
        return base64.b64decode(value or "", validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError("must be base64")


def content(value):
    if value:
        return encoded(value)
    raise ValueError("must be given, in base64")


def removals(value):
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return [(NAME(item.get("name")), INFO_HASH(item.get("info_hash"))) for item in value]
    raise ValueError("must be a list of {name, info_hash}")


NAME = text(r"[A-Za-z0-9_@+][A-Za-z0-9._@+-]*", "must be a safe file name")
INFO_HASH = text(r"[0-9a-f]{40}", "must be 40 lowercase hex digits")
# rtorrent's parser gives the excluded ones a meaning of their own.
PATH = text(r'/[^\x00-\x1f\x7f"\\$]*', 'must be an absolute path without control characters, ", \\ and $')

PLACES = {
    "releases": (PATH, "/var/lib/rackcast/releases"),
    "current": (PATH, "/var/lib/rackcast/current"),
    "socket": (PATH, "/run/rackcast/rtorrent.sock"),
    "trust_key": (PATH, "/etc/rackcast/trust.pem"),
}
REQUIRED = object()
ONE_RELEASE = {"name": (NAME, REQUIRED), "info_hash": (INFO_HASH, REQUIRED)}
STATE_ARGUMENTS = {
    "loaded": {
        **ONE_RELEASE,
        "torrent": (content, REQUIRED),
        "length_bytes": (size, REQUIRED),
        "recheck": (flag, False),
        "anew": (flag, False),
    },
    "verified": {
        **ONE_RELEASE,
        "manifest": (content, REQUIRED),
        "signature": (encoded, ""),
        "series": (NAME, REQUIRED),
    },
    "absent": {"unwanted": (removals, REQUIRED)},
}


class Arguments:
    """As given and checked; every fault is named at once."""

    def __init__(self, given):
        self.state = given.get("state")
        if self.state not in STATE_ARGUMENTS:
            raise ValueError("state must be one of " + ", ".join(STATE_ARGUMENTS))
        self.dry_run = flag(given.get("_ansible_check_mode", False))
        known = {**STATE_ARGUMENTS[self.state], **PLACES}
        mine = {key: value for key, value in given.items() if not key.startswith("_ansible") and key != "state"}
        faults = ["%s is unknown" % key for key in mine if key not in known]
        for key, (check, default) in known.items():
            value = mine.get(key, default)
            try:
                setattr(self, key, check("" if value is REQUIRED else value))
            except ValueError as fault:
                faults.append("%s %s" % (key, fault))
        if faults:
            raise ValueError("; ".join(faults))

    def payload(self, name):
        return os.path.join(self.releases, name)

    def corruption_mark(self, info_hash):
        """Left by a verification that failed, so that the next load has the client check again."""
        return os.path.join(self.releases, ".%s.corrupt" % info_hash)


# The client


class Rtorrent:
    def __init__(self, path):
        self.path = path

    def call(self, method, *args):
        body = xmlrpc.client.dumps(args, method, encoding="utf-8").encode()
        try:
            answer = self.request(body)
            return xmlrpc.client.loads(answer.split(b"\r\n\r\n", 1)[1])[0][0]
        except xmlrpc.client.Fault as fault:
            raise RuntimeError("rtorrent refused %s: %s" % (method, fault.faultString))
        except (OSError, IndexError, xmlrpc.client.ResponseError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "no answer"
            raise HostFailure(
                "CLIENT_MISSING",
                "rtorrent does not answer at %s: %s; start the host's rtorrent, or set the host up again"
                % (self.path, reason),
            )

    def request(self, body):
        head = b"CONTENT_LENGTH\0%d\0SCGI\x001\0" % len(body)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CALL_SECONDS)
            connection.connect(self.path)
            connection.sendall(b"%d:%s,%s" % (len(head), head, body))
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def find(self, info_hash):
        fields = ("hash", "is_active", "hashing", "hashing_failed", "completed_bytes", "complete", "peers_connected")
        rows = self.call("d.multicall2", "", "main", *("d.%s=" % field for field in fields))
        rows = [dict(zip(fields, row)) for row in rows]
        return next((row for row in rows if row["hash"].lower() == info_hash), None)

    def forget(self, info_hash):
        """Tells the tracker; the payload stays."""
        download = info_hash.upper()
        self.call("d.stop", download)
        # Else it deletes the file that it was loaded from.
        self.call("d.tied_to_file.set", download, "")
        self.call("d.erase", download)


def is_at_work(download):
    return download["is_active"] == 1 or (download["hashing"] != 0 and download["hashing_failed"] == 0)


# loaded


def load(args):
    client = Rtorrent(args.socket)
    download = client.find(args.info_hash)
    reason = reason_to_load(args, download)
    if reason is None:
        if not args.dry_run:
            # A tracker that lost sight of the host sees it again.
            client.call("d.tracker_announce", args.info_hash.upper())
        return {"changed": False}
    require_space(args)
    if not args.dry_run:
        if download is not None:
            # What the client knows of the files is forgotten with it: it hashes all that is there, and fetches the rest.
            client.forget(args.info_hash)
        start(args, client)
        remove_file(args.corruption_mark(args.info_hash))
    return {"changed": True, "reason": reason}


def reason_to_load(args, download):
    if download is None:
        return "new"
    if args.recheck or os.path.exists(args.corruption_mark(args.info_hash)):
        return "recheck"
    if download["completed_bytes"] > 0 and not os.path.lexists(args.payload(args.name)):
        return "files are gone"
    if not is_at_work(download):
        return "stopped"
    # A client refuses whom it was connected to for ten minutes, such as an origin that started again; loaded anew, it refuses nobody.
    is_alone = download["complete"] == 0 and download["hashing"] == 0 and download["peers_connected"] == 0
    if is_alone:
        return "nobody to fetch from"
    return "anew" if args.anew and download["complete"] == 0 else None


def require_space(args):
    try:
        system = os.statvfs(args.releases)
    except OSError as error:
        raise HostFailure("LOAD_FAILED", "%s: %s; set the host up" % (args.releases, error.strerror))
    needed = args.length_bytes - stored_bytes(args.payload(args.name))
    free = system.f_bavail * system.f_frsize
    if needed > free:
        raise HostFailure(
            "DISK_FULL",
            "%s needs %d more bytes in %s, and %d are free; remove releases there or make it larger"
            % (args.name, needed, args.releases, free),
        )


def stored_bytes(path):
    paths = [path] + [os.path.join(folder, file) for folder, _, files in os.walk(path) for file in files]
    stats = [os.lstat(path) for path in paths if os.path.lexists(path) and not os.path.isdir(path)]
    return sum(min(stat.st_size, stat.st_blocks * 512) for stat in stats)


def start(args, client):
    # Of a name of its own: rtorrent does not load a file again that it loaded before.
    handle, path = tempfile.mkstemp(prefix=".%s." % args.info_hash, suffix=".torrent", dir=args.releases)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(args.torrent)
        os.chmod(path, 0o644)
        client.call("load.start", "", path, 'd.directory.set="%s"' % args.releases)
        wait_until_at_work(args, client)
        client.call("d.tied_to_file.set", args.info_hash.upper(), "")
    finally:
        remove_file(path)


def wait_until_at_work(args, client):
    deadline = time.monotonic() + LOADING_SECONDS
    download = None
    while time.monotonic() < deadline:
        download = client.find(args.info_hash)
        if download is not None and is_at_work(download):
            return
        if download is not None and download["hashing_failed"] != 0:
            break
        time.sleep(POLL_SECONDS)
    if download is None:
        problem = "rtorrent did not take the torrent within %d s; see its log" % LOADING_SECONDS
    else:
        problem = (
            "rtorrent cannot open the files of %s; see that its user may write there, and that no other files are in the way"
            % args.payload(args.name)
        )
    raise HostFailure("LOAD_FAILED", problem)


# verified


def verify(args):
    require_signature(args)
    wrong = [fault for fault in (fault_of(args, path, sha256) for path, sha256 in manifest_lines(args)) if fault]
    mark = args.corruption_mark(args.info_hash)
    if wrong:
        if not args.dry_run:
            open(mark, "w").close()
        files = "1 file is wrong" if len(wrong) == 1 else "%d files are wrong, the first" % len(wrong)
        raise HostFailure("CORRUPT", "%s: %s; the next deploy has it fetched again" % (files, wrong[0]))
    if not args.dry_run:
        remove_file(mark)
    return {"changed": switch(args)}


def require_signature(args):
    if not os.path.exists(args.trust_key):
        return
    if not args.signature:
        raise HostFailure(
            "UNTRUSTED",
            "%s is not signed, and %s wants a signature; publish it with a key" % (args.name, args.trust_key),
        )
    with tempfile.TemporaryDirectory() as folder:
        manifest, signature = os.path.join(folder, "manifest"), os.path.join(folder, "signature")
        for path, content in ((manifest, args.manifest), (signature, args.signature)):
            with open(path, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", args.trust_key, "-rawin"]
        try:
            done = subprocess.run(
                [*command, "-in", manifest, "-sigfile", signature], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise HostFailure("VERIFY_FAILED", "cannot run openssl: %s; install it" % error.strerror)
    if done.returncode != 0:
        said = one_line(done.stdout)
        raise HostFailure("UNTRUSTED", "the signature of %s is not by %s: %s" % (args.name, args.trust_key, said))


def manifest_lines(args):
    head, *lines = args.manifest.split(b"\n")
    expected = "# rackcast manifest 1 %s %s" % (args.info_hash, args.name)
    if head != expected.encode() or lines[-1:] != [b""]:
        raise HostFailure("VERIFY_FAILED", "the manifest is not that of %s" % args.name)
    return [manifest_line(args, line) for line in lines[:-1]]


def manifest_line(args, line):
    match = re.fullmatch(rb"(\\?)([0-9a-f]{64})  (.+)", line)
    if match:
        path = unescape(match.group(3)) if match.group(1) else match.group(3)
        first, *segments = path.split(b"/")
        if first == args.name.encode() and not {b"", b".", b".."} & set(segments):
            return path, match.group(2).decode()
    raise HostFailure("VERIFY_FAILED", "the manifest of %s has the line %s" % (args.name, one_line(line)))


def unescape(path):
    letters = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}
    return re.sub(rb"\\[\\nr]", lambda match: letters[match.group()], path)


def fault_of(args, path, sha256):
    try:
        actual = sha256_of(os.path.join(os.fsencode(args.releases), path))
    except FileNotFoundError:
        return "%s is missing" % one_line(path)
    except OSError as error:
        return "%s: %s" % (one_line(path), error.strerror)
    return None if actual == sha256 else "%s has other content" % one_line(path)


def sha256_of(path):
    digest = hashlib.sha256()
    chunk = memoryview(bytearray(CHUNK_BYTES))
    # Whatever is no plain file is wrong: a pipe would keep us waiting.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb", buffering=0) as file:
        while True:
            count = file.readinto(chunk)
            if not count:
                return digest.hexdigest()
            digest.update(chunk[:count])


def switch(args):
    link = os.path.join(args.current, args.series)
    target = os.path.join(os.path.relpath(args.releases, args.current), args.name)
    if os.path.islink(link) and os.readlink(link) == target:
        return False
    if os.path.lexists(link) and not os.path.islink(link):
        raise HostFailure("VERIFY_FAILED", "%s is no symbolic link; move it out of the way" % link)
    if not args.dry_run:
        os.makedirs(args.current, exist_ok=True)
        partial = os.path.join(args.current, ".%s.%d" % (args.series, os.getpid()))
        remove_file(partial)
        os.symlink(target, partial)
        os.replace(partial, link)
    return True


# absent


def remove(args):
    current = current_payloads(args)
    wanted = [name for name, _ in args.unwanted if os.path.realpath(args.payload(name)) in current]
    if wanted:
        raise HostFailure(
            "REMOVE_FAILED", "%s is current here; deploy another release of its series first" % ", ".join(wanted)
        )
    client = Rtorrent(args.socket)
    return {"changed": any([remove_release(args, client, name, info_hash) for name, info_hash in args.unwanted])}


def current_payloads(args):
    links = os.listdir(args.current) if os.path.isdir(args.current) else []
    return {os.path.realpath(os.path.join(args.current, link)) for link in links}


def remove_release(args, client, name, info_hash):
    payload = args.payload(name)
    is_loaded = client.find(info_hash) is not None
    is_stored = os.path.lexists(payload)
    if not args.dry_run:
        if is_loaded:
            client.forget(info_hash)
        if os.path.isdir(payload) and not os.path.islink(payload):
            shutil.rmtree(payload)
        else:
            remove_file(payload)
        remove_file(args.corruption_mark(info_hash))
    return is_loaded or is_stored


def remove_file(path):
    if os.path.lexists(path):
        os.remove(path)


def one_line(data):
    return json.dumps(data.decode("utf-8", "replace").strip(), ensure_ascii=False)


# The answer

STATES = {
    "loaded": (load, "LOAD_FAILED"),
    "verified": (verify, "VERIFY_FAILED"),
    "absent": (remove, "REMOVE_FAILED"),
}


def run(given):
    code = "LOAD_FAILED"
    try:
        args = Arguments(given)
        act, code = STATES[args.state]
        return act(args)
    except HostFailure as failure:
        return {"failed": True, "code": failure.code, "msg": str(failure)}
    except (OSError, RuntimeError, ValueError) as error:
        return {"failed": True, "code": code, "msg": " ".join(str(error).split())}
    except Exception as error:
        return {"failed": True, "code": code, "msg": repr(error), "exception": traceback.format_exc()}


def main():
    if ARGUMENTS.startswith("<<"):
        with open(sys.argv[1]) as file:
            given = json.load(file)
    else:
        given = json.loads(ARGUMENTS)
    answer = run(given)
    print(json.dumps(answer))
    sys.exit(1 if answer.get("failed") else 0)


if __name__ == "__main__":
    main()
