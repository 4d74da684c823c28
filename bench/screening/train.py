"""Train the weights: labelled pairs and people planted in an invented population; writes data/weights.json and common.csv.

python -m bench.screening.train FOLDER POPULATION.csv TRUTH.csv, where FOLDER holds the labelled pairs and the list.
"""

import csv, sys, random, json, math, zlib, collections
import numpy as np
from scipy.optimize import minimize
from pathlib import Path

D = Path(__file__).parents[2] / "portal/screening/data"
from portal.screening import normalise as N, evidence as E
from portal.screening.people import *
from datetime import date

S = sys.argv[1] + "/"
# rarity
c = collections.Counter()
for r in csv.DictReader(open(S + "lookout_list.csv")):
    c.update({N.heard(t) for t in N.tokens(r["primary_name"])})
with open(D / "common.csv", "w") as f:
    f.write("sound,weight\n")
    for t, n in sorted(c.items()):
        if n >= 15 and len(t) > 1:
            f.write("%s,%.2f\n" % (t, max(0.4, 1 - 0.13 * math.log2(n / 8))))
N._levels.cache_clear()
N.weight.cache_clear()
sp = lambda s: tuple(x for x in s.split("|") if x)
dn = lambda s: tuple(x.split(":")[1] for x in sp(s))


def pair(r):
    names = tuple(x for x in (r["q_name"], *sp(r["q_other_names"])) if x)
    p = Profile(
        names,
        date.fromisoformat(r["q_dob"]) if r["q_dob"] else None,
        dn(r["q_documents"]),
        r["q_pob"],
        sp(r["q_citizenship"]),
    )
    e = Entry(
        r["l_entry_id"],
        (r["l_name"], *sp(r["l_aliases"]), *sp(r["l_original_script"])),
        sp(r["l_dobs"]),
        sp(r["l_weak_aliases"]),
        dn(r["l_documents"]),
        sp(r["l_pob"]),
        sp(r["l_citizenship"]),
    )
    return p, e


CUTS = {
    "matched": [0.5, 0.8, 1.1, 1.4, 1.8, 2.3, 3],
    "conflict": [0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.3],
    "extra": [0.05, 0.3, 0.6, 1, 1.5, 2.2],
    "loss": [0.02, 0.06, 0.12, 0.2, 0.3, 0.5],
    "whole": [0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.95],
}
SIGN = {"matched": 1, "conflict": -1, "extra": -1, "loss": -1, "whole": 1}
COLS = [(m, g, k) for m in CUTS for g in ("dated", "undated") for k in CUTS[m]]
CODES = [
    *E.BIRTHS,
    "document_same",
    "document_near",
    "place_same",
    "place_other",
    "citizenship_same",
    "citizenship_other",
]


def vecs(p, e):
    b, _ = E.best_birth(p, e)
    g = "undated" if b == "birth_unknown" else "dated"
    codes = {b, E.document_code(p, e), E.place_code(p, e), E.citizenship_code(p, e)}
    rank = E.BIRTHS.index(b)
    tail = [float(rank <= i) for i in range(len(E.BIRTHS))] + [float(x in codes) for x in CODES[len(E.BIRTHS) :]]
    out = []
    for q in p.names:
        for t in e.names:
            v = E.name_evidence(N.tokens(q), N.tokens(t), t)
            out.append([float(gg == g and getattr(v, m) >= k) for m, gg, k in COLS] + tail)
    return np.array(out)


rows = list(csv.DictReader(open(S + "dev_pairs.csv")))
pk = {r["entry_id"]: r["person_key"] for r in csv.DictReader(open(S + "lookout_list.csv"))}
import time

t0 = time.process_time()
X = [vecs(*pair(r)) for r in rows]
y = np.array([int(r["label"]) for r in rows])

NB = len(E.BIRTHS)
from portal.commands.screening import _entry, _profile, _rows
from portal.screening.index import Index

ents = [_entry(r) for r in _rows(Path(S + "lookout_list.csv"))]
ix = Index(ents)
truth = {r["applicant_id"]: r for r in csv.DictReader(open(sys.argv[3]))}
HX = []
Hy = []
t1 = time.process_time()
n = 0
for r in _rows(Path(sys.argv[2])):
    p = _profile(r, "")
    n += 1
    if n > 7000:
        break
    for e in ix.candidates(p):
        t = truth.get(r["applicant_id"])
        if t:
            if e.person == t["person_key"]:
                HX.append(vecs(p, e))
                Hy.append(1)
        elif E.best_birth(p, e)[0] != "birth_far":
            HX.append(vecs(p, e))
            Hy.append(0)
print("mined", len(Hy), sum(Hy), "rate", n / (time.process_time() - t1))
print("features", time.process_time() - t0)
HX = [x for x in HX]
Hy = np.array(Hy)
held0 = np.array([zlib.crc32(pk.get(r["l_entry_id"], r["l_entry_id"]).encode()) % 3 == 0 for r in rows])
X = X + HX
y = np.concatenate([y, Hy])
held = np.concatenate([held0, np.zeros(len(Hy), bool)])
bounds = (
    [(0, None) if SIGN[m] > 0 else (None, 0) for m, g, k in COLS]
    + [(0, 6)] * (len(E.BIRTHS) - 1)
    + [(-12, 0)]
    + [(0, 8), (0, 4), (0, 3), (-2, 0), (0, 2), (-2, 0), (None, None)]
)
w = np.zeros(len(bounds))
for i, (m, g, k) in enumerate(COLS):
    w[i] = 0.3 * SIGN[m]


def best(X):
    return np.array([x[np.argmax(x @ w[:-1])] for x in X])


W = np.concatenate([np.full(len(held0), 3.0), np.full(len(Hy), 1.0)])
for it in range(2):
    A = best(X)
    B = np.hstack([A[~held], np.ones(((~held).sum(), 1))])
    yy = y[~held] * 2 - 1

    def f(w):
        z = -yy * (B @ w)
        Wt = W[~held]
        l = (Wt * np.logaddexp(0, z)).sum() + 0.3 * (w[:-1] ** 2).sum()
        return l, -(B.T @ (Wt * yy / (1 + np.exp(-z)))) + 0.6 * np.append(w[:-1], 0)

    w = minimize(f, w, jac=True, bounds=bounds, method="L-BFGS-B").x
    s = best(X) @ w[:-1] + w[-1]
    for nm, k in (("train", ~held), ("held", held)):
        for t in (0,):
            tp = ((s >= t) & (y == 1) & k).sum()
            P = tp / ((s >= t) & k).sum()
            R = tp / (y[k] == 1).sum()
            print(it, nm, "P %.4f R %.4f F %.4f" % (P, R, 2 * P * R / (P + R)))
kinds = collections.defaultdict(list)
for r, v, k in zip(rows, s, held):
    if k:
        kinds[r["label"], r["kind"]].append(v >= 0)
print(
    sorted(
        (
            (k[1], round(sum(v) / len(v), 2))
            for k, v in kinds.items()
            if (k[0] == "1" and sum(v) / len(v) < 0.9) or (k[0] == "0" and sum(v) / len(v) > 0.05)
        ),
        key=str,
    )
)
neg = np.sort(s[held & (y == 0)])[::-1]
th = neg[int(0.02 * len(neg))]
real = np.array([r["kind"].startswith(("real_", "nodob_real")) and r["label"] == "1" for r in rows] + [False] * len(Hy))
print("real at 2%", (s[held & real] > th).mean())
json.dump(
    {
        "version": "1",
        "cuts": [[m, g, k, round(float(x), 3)] for (m, g, k), x in zip(COLS, w)],
        "codes": {
            c: round(float(x), 3)
            for c, x in zip(CODES, [*np.cumsum(w[len(COLS) : len(COLS) + NB][::-1])[::-1], *w[len(COLS) + NB : -1]])
        },
        "base": round(float(w[-1]), 3),
    },
    open(D / "weights.json", "w"),
    indent=0,
)
