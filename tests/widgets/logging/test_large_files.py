"""Large files reach the server over connections that break."""

import contextlib
import socket
import threading


class Breaking:
    """A way to a server that breaks once, in the middle of a large request."""

    def __init__(self, port, after):
        self.sent = 0
        self.breaks = 0
        self._port = port
        self._after = after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            for pair in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source, target, up):
        passed = 0
        try:
            while data := source.recv(65536):
                target.sendall(data)
                passed += len(data)
                if up:
                    self.sent += len(data)
                    if not self.breaks and passed > self._after:
                        self.breaks += 1
                        break
        except OSError:
            pass
        for end in (source, target):
            with end, contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_large_file_goes_on_where_its_connection_broke(program):
    size = 40_000_000
    (program.folder / "model.bin").write_bytes(bytes(range(256)) * (size // 256))
    way = Breaking(program.server.port, after=25_000_000)
    broken = program.server.trackside_url.replace(f":{program.server.port}/", f":{way.port}/")
    program.server_file.write_text(f'{{"url": "{broken}"}}')
    out, _ = program.run(
        """
        import time
        import trackside as ts
        with ts.start_run() as run:
            ts.log_artifact("model.bin")
            # It says no when the server is away for the moment.
            while not ts.flush(5):
                time.sleep(0.05)
        print(run.run_id)
        """,
        TRACKSIDE_URL=broken,
    )
    way.close()
    run = program.mlflow("GET", f"runs/get?run_id={out.strip()}")["run"]
    folder = run["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    path = f"trackside/api/2.0/mlflow-artifacts/artifacts/{folder}/model.bin"
    assert program.server.request("GET", path).body == (program.folder / "model.bin").read_bytes()
    assert way.breaks == 1
    # Not all of it twice.
    assert way.sent < 1.5 * size
