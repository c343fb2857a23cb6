"""Debian's `baremetal` command, many times without its start: what it imports is imported once, and each command is
/usr/bin/baremetal itself, run in a fork with its own arguments, standard output and standard error.

Arguments: {environment: the variables with which the command finds the API and logs in}
Request:   {args: [...]}
Answer:    {code, stdout, stderr}
"""

import gc
import json
import os
import runpy
import sys
import tempfile

COMMAND = '/usr/bin/baremetal'


def prepare(environment, cache):
    # Before anything of the client is imported: it reads where its cache is then.
    os.environ.update(environment, XDG_CACHE_HOME=cache)
    # All that the command imports, but ironicclient.shell: that one reads sys.argv when it is imported.
    import ironicclient.v1.client  # noqa: F401
    import openstack.config  # noqa: F401
    import openstack.connection  # noqa: F401
    import osc_lib.utils  # noqa: F401
    from ironicclient.osc.v1.baremetal_node import ListBaremetalNode
    from stevedore import ExtensionManager

    ExtensionManager('openstack.baremetal.v1')
    # A parser reads which Python package has which module, of all packages that are installed. It does so once.
    ListBaremetalNode(None, None).get_parser('baremetal node list')


def run(args):
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            # A collection would write to all pages that the fork shares with this process, and so copy them.
            gc.disable()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            os._exit(be_the_command(args))
        _, status = os.waitpid(child, 0)
        return {'code': os.waitstatus_to_exitcode(status), 'stdout': text_of(stdout), 'stderr': text_of(stderr)}


def be_the_command(args):
    sys.argv = [COMMAND, *args]
    try:
        runpy.run_path(COMMAND, run_name='__main__')
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def text_of(file):
    file.seek(0)
    return file.read().decode()


def main():
    with tempfile.TemporaryDirectory() as cache:
        prepare(json.loads(sys.argv[1])['environment'], cache)
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line)['args'])), flush=True)


main()
