"""PyTorch's side of the protocol (protocol.ts): one line of JSON in, one out on descriptor 3."""

import json
import math
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

replies = os.fdopen(3, "w")


def fill(*shape, seed):
    """The same numbers as fill.ts."""
    size = 1
    for n in shape:
        size *= n
    mask = 0xFFFFFFFF
    i = torch.arange(1, size + 1, dtype=torch.int64)

    def imul(a, b):
        # both below 2**32: split one factor so that no product leaves 64 bits
        low = (a & 0xFFFF) * b & mask
        high = ((a >> 16) * b & 0xFFFF) << 16
        return (low + high) & mask

    h = imul(i & mask, 0x9E3779B1) ^ int((seed + 1) * 0x85EBCA6B & mask)
    h = imul(h ^ (h >> 16), 0x7FEB352D)
    h = imul(h ^ (h >> 15), 0x846CA68B)
    h = h ^ (h >> 16)
    return (h.double() / 2147483648 - 1).float().reshape(shape)


def labels(size, classes, seed):
    values = fill(size, seed=seed).double()
    return ((values + 1) / 2 * classes).floor().long().clamp(max=classes - 1)


def digest(x):
    x = x.detach().flatten()
    last = x.numel() - 1
    return [x.double().abs().mean().item(), x[0].item(), x[last >> 1].item(), x[last].item()]


def ulp_error(values, exact):
    """The largest error of float32 values against float64 ones, in units in the last place."""
    expected = exact.float().abs()
    spacing = torch.nextafter(expected, torch.full_like(expected, float("inf"))) - expected
    return ((values.double() - exact).abs() / spacing.double()).max().item()


def set_parameters(model):
    """Parameter i becomes fill(seed=1000 + i), scaled by 1/sqrt(fan in); biases become 0, other vectors 1."""
    with torch.no_grad():
        for i, (name, p) in enumerate(model.named_parameters()):
            if p.dim() < 2:
                p.fill_(0 if "bias" in name else 1)
                continue
            fan_in = p[0].numel()
            p.copy_(fill(*p.shape, seed=1000 + i) / fan_in**0.5)
        return model


def training(model, loss_of, optimizer=None):
    """run and result of one training step: zero_grad, loss, backward, step."""
    set_parameters(model)
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def run():
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        return loss

    def result():
        return [run().item() for _ in range(3)]

    return run, result


def training_by_recipe(model, loss_of, optimizer=None):
    """The same with clipping, and a learning rate that warms up and follows a cosine; see gradus.ts."""
    set_parameters(model)
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    parameters = list(model.parameters())
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: (s + 1) / 10 if s < 10 else 0.55 + 0.45 * math.cos(math.pi * (s - 10) / 1e4)
    )

    def run():
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 0.05, foreach=True)
        optimizer.step()
        scheduler.step()
        return loss

    def result():
        return [run().item() for _ in range(3)]

    return run, result


a_canary = torch.randn(128, 128)
canaries = []


def canary():
    start = time.perf_counter()
    for _ in range(8):
        a_canary @ a_canary
    ms = (time.perf_counter() - start) * 1000
    canaries.append(ms)
    return ms


space = {}


def repeat(iterations):
    run = space["run"]
    start = time.perf_counter()
    for _ in range(iterations):
        run()
    return (time.perf_counter() - start) * 1000


def warm(calls, ms, limit):
    start = time.perf_counter()
    done, batch = 0, 1
    while True:
        last = repeat(batch) / batch
        done += batch
        elapsed = (time.perf_counter() - start) * 1000
        if (done >= calls and elapsed >= ms) or elapsed + last * batch > limit:
            return {"ms": last, "calls": done}
        batch = max(1, min(batch * 2, int(ms / 4 / max(last, 1e-6))))


def sample(count, iterations):
    samples = []
    before = canary()
    for _ in range(count):
        used = time.process_time()
        elapsed = repeat(iterations)
        busy = (time.process_time() - used) * 1000 / elapsed
        after = canary()
        samples.append({"ms": elapsed / iterations, "canary": max(before, after), "busy": busy})
        before = after
    return {"samples": samples, "quietCanary": sorted(canaries)[len(canaries) // 10]}


def rss():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    return 0


def prepare(request):
    global space
    program = request["program"]
    if program is None:
        return None
    space = dict(globals(), **request["sizes"])
    start = time.perf_counter()
    exec(program, space)
    result = space["result"]() if "result" in space else None
    return {"result": result, "timed": "run" in space, "ms": (time.perf_counter() - start) * 1000}


def handle(request):
    op = request["op"]
    if op == "load":
        torch.set_num_threads(request["contender"]["threads"])
        for _ in range(50):
            canary()
        return {
            "version": torch.__version__,
            "runtime": "Python " + sys.version.split()[0] + ", " + torch.backends.cpu.get_cpu_capability(),
            "peaks": None,
            "parallel": None,
        }
    if op == "prepare":
        return prepare(request)
    if op == "warm":
        return warm(request["calls"], request["ms"], request["limit"])
    if op == "sample":
        return sample(request["count"], request["iterations"])
    if op == "measure":
        return {"value": space["measure"]()}
    if op == "release":
        peak = space["peak_bytes"]() if "peak_bytes" in space else None
        ulp = space["ulp"]() if "ulp" in space else None
        space.clear()
        return {"peakBytes": peak, "ulp": ulp}
    raise ValueError(op)


for line in sys.stdin:
    try:
        answer = {"ok": handle(json.loads(line))}
    except Exception as error:
        answer = {"error": type(error).__name__ + ": " + str(error)}
    replies.write(json.dumps(answer) + "\n")
    replies.flush()
