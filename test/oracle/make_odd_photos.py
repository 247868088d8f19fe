"""Writes photos of every odd kind that people have into a folder: python make_odd_photos.py '{"root": FOLDER}'."""

import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms


def picture(seed, width=120, height=90):
    """Smooth colours and some edges, another picture for each seed; no symmetry, so that turning shows."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 90
    waves = draw.uniform(1, 6, (3, 2))
    planes = [127 + 90 * np.sin(a * x + b * y) + 60 * x - 50 * y for a, b in waves]
    image = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    image[10:30, 15:60] = draw.integers(0, 256, 3)
    return Image.fromarray(image)


def png16(path, image):
    """16 bits a channel, which Pillow does not write."""
    high = np.asarray(image).astype(">u2") * 256
    data = high + np.arange(image.width)[None, :, None].astype(">u2") % 251  # low bytes that are not 0
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in data)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def swapped_profile():
    """sRGB with the primaries of red and blue exchanged: whoever heeds it sees other colours."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"\0tmp").replace(b"bXYZ", b"rXYZ").replace(b"\0tmp", b"bXYZ")


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def write(root):
    numbers = iter(range(1000))

    def save(name, change=lambda image: image, **options):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        change(picture(next(numbers))).save(path, **options)

    def with_alpha(image):
        image = image.convert("RGBA")
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        return image

    kinds = "train/kinds"
    save(f"{kinds}/cmyk.jpg", lambda i: i.convert("CMYK"), quality=95)
    save(f"{kinds}/grey.jpg", lambda i: i.convert("L"))
    save(f"{kinds}/progressive.jpeg", quality=80, progressive=True)
    save(f"{kinds}/subsampled.jpg", quality=60, subsampling=2)
    save(f"{kinds}/rgba.png", with_alpha)
    save(f"{kinds}/grey-alpha.png", lambda i: with_alpha(i).convert("LA"))
    save(f"{kinds}/palette.png", lambda i: i.quantize(40))
    save(f"{kinds}/palette-transparent.png", lambda i: i.quantize(40), transparency=3)
    save(f"{kinds}/bits.png", lambda i: i.convert("1"))
    save(f"{kinds}/lossless.webp", lossless=True)
    save(f"{kinds}/alpha.webp", with_alpha, lossless=True)
    save(f"{kinds}/plain.tiff")
    save(f"{kinds}/packed.tif", compression="tiff_lzw")
    save(f"{kinds}/plain.bmp")
    save(f"{kinds}/plain.ppm")
    save(f"{kinds}/tiny.png", lambda i: i.resize((5, 3)))
    save(f"{kinds}/tall.png", lambda i: i.resize((20, 300)))
    save(f"{kinds}/lossy.webp", quality=70)
    save(f"{kinds}/deep-grey.png", lambda i: Image.fromarray(np.asarray(i.convert("L")).astype(np.uint16) * 200))
    save(f"{kinds}/profile.jpg", icc_profile=swapped_profile())
    png16(root / kinds / "deep.png", picture(next(numbers)))

    for orientation in range(1, 9):
        save(f"train/orientation/{orientation}.jpg", quality=90, exif=turned(orientation))
    save("train/orientation/6.png", exif=turned(6))
    save("train/orientation/8.webp", exif=turned(8), lossless=True)
    save("train/orientation/3.tiff", exif=turned(3))

    # Code points, not UTF-16 units, decide: U+20BB7 comes after U+FF46.
    for name in ("UPPER.JPG", "Upper.Png", "a b/two words.jpg", "a/b/c/deep.jpg", "a-b/minus.jpg", "b.jpg", "B.JPEG"):
        save(f"train/Names/{name}")
    for name in ("草莓.jpg", "两朵 花.jpg", "𠮷.jpg", "ｆ.jpg", "é.jpg", "e.jpg", "100%.jpg", "#1.jpg", "10.jpg", "9.jpg"):
        save(f"train/花 园/{name}")
    for name in ("kinds", "orientation", "Names", "花 园"):
        save(f"valid/{name}/one.jpg")


write(Path(json.loads(sys.argv[1])["root"]))
print("null")
