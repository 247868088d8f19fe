"""Packs uint8 or float32 arrays into one deflated file with a JSON index beside it (read by ../golden.ts)."""

import gzip
import json

import numpy as np


class Pack:
    def __init__(self, path):
        self.path = path
        self.index = {}
        self.bytes = bytearray()

    def add(self, name, array, **notes):
        assert name not in self.index, name
        array = np.ascontiguousarray(array)
        self.bytes += b"\0" * (-len(self.bytes) % 4)
        self.index[name] = {
            "offset": len(self.bytes),
            "shape": list(array.shape),
            "dtype": str(array.dtype),
            **notes,
        }
        self.bytes += array.tobytes()

    def note(self, name, **notes):
        self.index[name] = notes

    def write(self):
        with open(f"{self.path}.json", "w") as file:
            rows = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in self.index.items()]
            file.write("{\n" + ",\n".join(rows) + "\n}\n")
        with open(f"{self.path}.bin.gz", "wb") as file:
            file.write(gzip.compress(bytes(self.bytes), 9, mtime=0))
