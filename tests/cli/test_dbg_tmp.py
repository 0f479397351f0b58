import importlib.util
spec=importlib.util.spec_from_file_location("tc","/work/main/tests/cli/test_cli_chat.py"); tc=importlib.util.module_from_spec(spec); spec.loader.exec_module(tc)
from lumiera.cli import chat
def test_x(run, install, monkeypatch):
    monkeypatch.setattr(chat, "PATIENCE", 4)
    install("own", tc.PLUGIN)
    r = run("chat","--say","langue","--say","ordre","--json","--verbose")
    print(r.stdout); print(r.stderr); assert 0
