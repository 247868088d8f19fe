"""Writes ../photos/*, small photos of every odd kind, and photos.{json,bin.gz}, what Pillow makes of them.

    python test/data/pixels/golden/make_photos.py

Expected: Image.open(f).convert("RGB") for exif "ignore", ImageOps.exif_transpose first for "apply".
16-bit grey is the one wanted difference: Pillow clips at 255, Graft keeps the high byte (see expect()).
"""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps

from pack import Pack

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = os.path.join(HERE, "..", "photos")
EMBEDDED = os.path.join(HERE, "../../../../experiments/data/tuxpaint-photos/valid/fruit/strawberry.jpg")

os.makedirs(PHOTOS, exist_ok=True)
for old in os.listdir(PHOTOS):
    os.remove(os.path.join(PHOTOS, old))

photo = Image.open(EMBEDDED).convert("RGB")
photo = photo.crop(photo.getbbox()).resize((41, 30), Image.BICUBIC)
small = photo.resize((18, 12), Image.BICUBIC)
grey = photo.convert("L")
rng = np.random.default_rng(3)


def write(name, data):
    with open(os.path.join(PHOTOS, name), "wb") as file:
        file.write(data)


def encode(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width, height, depth, color, passes, extra=()):
    """A PNG from rows: passes is a list of (height, bytes of the rows without filter bytes)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    interlaced = len(passes) > 1
    raw = b"".join(b"\0" + row for rows in passes for row in rows)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced)))
        + b"".join(chunk(k, d) for k, d in extra)
        + chunk(b"IDAT", zlib.compress(raw, 9))
        + chunk(b"IEND", b"")
    )


def rows(array, dtype):
    return [np.ascontiguousarray(row).astype(dtype).tobytes() for row in array]


def adam7(array, dtype):
    starts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    return [rows(array[y::dy, x::dx], dtype) for y, x, dy, dx in starts]


def segment(data, marker):
    """(start, end) of the first JPEG segment with this marker byte."""
    at = 2
    while data[at] == 0xFF:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at + 1] == marker:
            return at, at + 2 + length
        at += 2 + length
    raise ValueError(marker)


# JPEG
write("rgb.jpg", encode(photo, "JPEG", quality=85))
write("rgb-444.JPG", encode(photo, "JPEG", quality=85, subsampling=0))
write("progressive.jpeg", encode(photo, "JPEG", quality=85, progressive=True))
write("grey.jpg", encode(grey, "JPEG", quality=85))
cmyk = Image.merge("CMYK", [*photo.split(), grey.point(lambda v: v // 3)])
adobe = encode(cmyk, "JPEG", quality=85)
write("cmyk.jpg", adobe)
start, end = segment(adobe, 0xEE)
write("cmyk-without-adobe.jpg", adobe[:start] + adobe[end:])
ycck = bytearray(adobe)
ycck[end - 1] = 2
write("ycck.jpg", bytes(ycck))
srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
red, blue = srgb.index(b"rXYZ"), srgb.index(b"bXYZ")
srgb[red : red + 4], srgb[blue : blue + 4] = b"bXYZ", b"rXYZ"
write("icc-red-and-blue-swapped.jpg", encode(small, "JPEG", quality=85, icc_profile=bytes(srgb)))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    write(f"orientation-{orientation}.jpg", encode(small, "JPEG", quality=75, exif=exif))
write("两朵 草莓.jpg", encode(small, "JPEG", quality=85))

# PNG
color = np.array(photo)
alpha = (np.add.outer(np.arange(30), np.arange(41)) * 5 % 256).astype(np.uint8)
deep = color.astype(np.uint16) * 257 + rng.integers(0, 256, color.shape).astype(np.uint16) // 2
write("rgb.png", encode(photo, "PNG"))
write("grey.png", encode(grey, "PNG"))
write("grey-alpha.png", encode(Image.merge("LA", [grey, Image.fromarray(alpha)]), "PNG"))
write("rgba.png", encode(Image.merge("RGBA", [*photo.split(), Image.fromarray(alpha)]), "PNG"))
write("palette.png", encode(photo.quantize(32), "PNG"))
write("palette-transparent.png", encode(photo.quantize(32), "PNG", transparency=bytes([0, 40, 200])))
write("one-bit.png", encode(grey.convert("1"), "PNG"))
write("grey-4-bit.png", png(41, 30, 4, 0, [[(r[:-1:2] & 0xF0 | np.append(r[1::2], 0)[:20] >> 4).tobytes() + bytes([r[-1] & 0xF0]) for r in np.array(grey)]]))
write("grey-16-bit.png", png(41, 30, 16, 0, [rows(deep[:, :, 0], ">u2")]))
write("rgb-16-bit.png", png(41, 30, 16, 2, [rows(deep, ">u2")]))
write("rgba-16-bit.png", png(41, 30, 16, 6, [rows(np.dstack([deep, alpha.astype(np.uint16) * 257]), ">u2")]))
write("grey-alpha-16-bit.png", png(41, 30, 16, 4, [rows(np.dstack([deep[:, :, 0], alpha.astype(np.uint16) * 257]), ">u2")]))
write("interlaced.png", png(41, 30, 8, 2, adam7(color, np.uint8)))
write("gamma.png", png(41, 30, 8, 2, [rows(color, np.uint8)], [(b"gAMA", struct.pack(">I", 100000))]))
exif = Image.Exif()
exif[0x0112] = 6
write("orientation-6.png", encode(small, "PNG", exif=exif))

# WebP, GIF, TIFF
write("lossy.webp", encode(photo, "WEBP", quality=80))
write("lossless-alpha.webp", encode(Image.merge("RGBA", [*photo.split(), Image.fromarray(alpha)]), "WEBP", lossless=True, exact=True))
write("orientation-6.webp", encode(small, "WEBP", lossless=True, exif=exif))
write("plain.gif", encode(photo.quantize(32), "GIF"))
write("transparent.gif", encode(photo.quantize(32), "GIF", transparency=3))
frames = [photo.quantize(16), ImageOps.mirror(photo).quantize(16)]
write("animated.gif", encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))
write("rgb.tif", encode(photo, "TIFF", compression="tiff_lzw"))
write("grey.tiff", encode(grey, "TIFF", compression="tiff_deflate"))
write("cmyk.tif", encode(cmyk, "TIFF", compression="tiff_lzw"))
write("palette.tif", encode(photo.quantize(32), "TIFF", compression="tiff_lzw"))
write("rgba.tif", encode(Image.merge("RGBA", [*photo.split(), Image.fromarray(alpha)]), "TIFF", compression="tiff_lzw"))
write("grey-16-bit.tif", encode(Image.fromarray(deep[:, :, 0]), "TIFF"))
write("orientation-6.tif", encode(small, "TIFF", tiffinfo={0x0112: 6}))

# BMP and Netpbm
write("rgb.bmp", encode(photo, "BMP"))
write("grey.bmp", encode(grey, "BMP"))
write("palette.bmp", encode(photo.quantize(32), "BMP"))
write("one-bit.bmp", encode(grey.convert("1"), "BMP"))
write("rgb.ppm", encode(small, "PPM"))
write("grey.pgm", encode(small.convert("L"), "PPM"))

# Broken
whole = encode(photo, "JPEG", quality=85)
write("broken-truncated.jpg", whole[: len(whole) * 6 // 10])
write("broken-header-only.jpg", whole[:300])
write("without-end.jpg", whole[:-2])
write("broken-zero-bytes.jpg", b"")
write("broken-html.jpg", b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n")
write("broken-text.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
write("broken-noise.jpg", b"\xff\xd8\xff" + bytes(rng.integers(0, 256, 200).astype(np.uint8)))
progressive = encode(photo, "JPEG", quality=85, progressive=True)
write("broken-truncated-progressive.jpg", progressive[: len(progressive) * 8 // 10])
for name, kind in [("png", "PNG"), ("webp", "WEBP"), ("gif", "GIF"), ("tif", "TIFF"), ("bmp", "BMP"), ("ppm", "PPM")]:
    data = encode(photo.quantize(32) if kind == "GIF" else photo, kind)
    write(f"broken-truncated.{name}", data[: len(data) * 6 // 10])
bad = bytearray(encode(photo, "PNG"))
bad[len(bad) // 2] ^= 0xFF
write("broken-checksum.png", bytes(bad))
write("broken-huge.png", png(60000, 60000, 8, 2, [[b""]]))
dirty = bytearray(whole)
dirty[len(dirty) * 7 // 10] ^= 0x55
write("damaged-scan.jpg", bytes(dirty))
write("rubbish-after-end.jpg", whole + b"rubbish" * 9)

pack = Pack(os.path.join(HERE, "photos"))
pack.note("about", pillow=PIL.__version__)
warnings.simplefilter("ignore")


def expect(path, apply):
    image = Image.open(path)
    image.load()
    if apply:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        return np.repeat((np.array(image) >> 8).astype(np.uint8)[:, :, None], 3, 2), True
    return np.array(image.convert("RGB")), False


for name in sorted(os.listdir(PHOTOS)):
    path = os.path.join(PHOTOS, name)
    for policy in ["apply", "ignore"] if "orientation" in name else ["apply"]:
        try:
            pixels, differs = expect(path, policy == "apply")
            pack.add(f"{name} {policy}", pixels, **({"unlikePillow": "high byte"} if differs else {}))
        except Exception as error:
            pack.note(f"{name} {policy}", error=f"{type(error).__name__}: {str(error).replace(path, 'FILE')[:90]}")
pack.write()
