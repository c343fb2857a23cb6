"""What the scripts here share: JSON objects, one a line, on standard input and output."""

import json
import logging
import os
import sys
import tempfile
import threading

from oslo_config import cfg
import oslo_messaging

_lock = threading.Lock()


def arguments():
    """The JSON object that the test gave on the command line."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    return json.loads(sys.argv[1])


def put(message):
    with _lock:
        print(json.dumps(message), flush=True)


def requests():
    """Objects from standard input, until it ends."""
    for line in sys.stdin:
        yield json.loads(line)


def end():
    """Ends the script at once: an orderly end waits five seconds for oslo.messaging's polling threads."""
    sys.stdout.flush()
    os._exit(0)


def transport(args):
    """An oslo.messaging transport as a service would have it, and its configuration.

    args: transport_url, allowed_remote_exmods (module names), rabbit (options of [oslo_messaging_rabbit]),
    file (the same, in a configuration file: there, options that this oslo.messaging does not know are ignored).
    """
    # oslo.messaging's metrics look at the global configuration.
    conf = cfg.CONF
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        file.write(f'[oslo_concurrency]\nlock_path = {tempfile.gettempdir()}\n[oslo_messaging_rabbit]\n')
        file.writelines(f'{name} = {value}\n' for name, value in args.get('file', {}).items())
        file.flush()
        conf([], default_config_files=[file.name])
    made = oslo_messaging.get_rpc_transport(
        conf,
        url=args['transport_url'],
        allowed_remote_exmods=args.get('allowed_remote_exmods', []))
    # The options are registered with the driver, and read with the first connection.
    for name, value in args.get('rabbit', {}).items():
        conf.set_override(name, value, group='oslo_messaging_rabbit')
    return conf, made
