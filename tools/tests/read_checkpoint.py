"""Reads a checkpoint as docs/formats.md describes it, with nothing but Python's own library.

    python3 read_checkpoint.py CHECKPOINT

Prints one line a file: its name, tensors and numbers. Fails where a checksum, a header or an offset is wrong.
"""
import hashlib
import json
import struct
import sys
from pathlib import Path

folder = Path(sys.argv[1])
listed = [line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines()]
assert {name for _, name in listed} | {"SHA256SUMS"} == {path.name for path in folder.iterdir()}
for digest, name in listed:
    content = (folder / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest, name
    if not name.endswith(".safetensors"):
        continue
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt"}
    end, numbers = 0, 0
    for tensor in sorted(header.values(), key=lambda entry: entry["data_offsets"]):
        begin, stop = tensor["data_offsets"]
        count = 1
        for extent in tensor["shape"]:
            count *= extent
        assert tensor["dtype"] == "F32" and begin == end and stop - begin == 4 * count, name
        values = struct.unpack(f"<{count}f", content[8 + length + begin : 8 + length + stop])
        assert all(value == value for value in values), name
        end, numbers = stop, numbers + count
    assert 8 + length + end == len(content), name
    print(name, len(header), numbers)
state = json.loads((folder / "state.json").read_text())
assert state["format"] == "wgan-checkpoint" and state["version"] == 3
