"""Graft's seeded random numbers (src/random.ts), written anew in Python, so that torch can be given the same draws."""

import hashlib
import struct

MASK = 0xFFFFFFFF


class Random:
    """xoshiro128** on the first 16 bytes of sha256("seed/name/…")."""

    def __init__(self, *name):
        digest = hashlib.sha256("/".join(str(part) for part in name).encode()).digest()
        self.state = list(struct.unpack("<4I", digest[:16]))
        self.state[3] |= 1

    def bits(self):
        a, b, c, d = self.state
        product = b * 5 & MASK
        result = ((product << 7 | product >> 25) & MASK) * 9 & MASK
        t = b << 9 & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        d = (d << 11 | d >> 21) & MASK
        self.state = [a, b, c, d]
        return result

    def uniform(self):
        return self.bits() / 2**32

    def integer(self, n):
        limit = 2**32 - 2**32 % n
        draw = self.bits()
        while draw >= limit:
            draw = self.bits()
        return draw % n

    def permutation(self, n):
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
