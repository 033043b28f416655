"""The step's formulas, written out one example at a time in float64."""

import numpy as np

VOCABULARY, DIMENSIONS = 9, 6


def random_block(shape, seed=1):
    """A block with words that have no context, and noise words that equal true words (the vocabulary is tiny)."""
    length, streams, reach, pools, rows_per_pool = shape
    generator = np.random.default_rng(seed)
    tokens = generator.integers(0, VOCABULARY, (length + 2 * reach, streams), dtype=np.int32)
    left, right = generator.integers(0, reach + 1, (2, length, streams), dtype=np.int32)
    left[0, 0] = right[0, 0] = 0
    noise = generator.integers(0, VOCABULARY, (length // rows_per_pool, pools, 5), dtype=np.int32)
    return tokens, left, right, noise


def random_weights(shared, seed=2):
    generator = np.random.default_rng(seed)
    vectors = generator.normal(0, 0.5, (VOCABULARY, DIMENSIONS)).astype(np.float32)
    softmax = vectors if shared else generator.normal(0, 0.5, (VOCABULARY, DIMENSIONS)).astype(np.float32)
    return vectors, softmax


CORRECTIONS = np.log(np.random.default_rng(3).uniform(0.05, 2.0, VOCABULARY)).astype(np.float32)

# Of words at the distances 1, 2 and so on
DISTANCE_WEIGHTS = np.random.default_rng(5).uniform(0.2, 1.5, 5).astype(np.float32)


def factors_of(shared):
    return np.array([1, 1, 1, 1, 1, -3] if shared else [1] * 6, np.float32)


class Reference:
    """Loss, summed gradients and uses of every row, from the formulas."""

    def __init__(self, vectors, softmax, factors, block, sg, cbow_mean, loss="random_softmax"):
        self.loss, self.name = 0.0, loss
        self.vectors, self.softmax = vectors.astype(np.float64), softmax.astype(np.float64)
        self.factors = factors.astype(np.float64)
        by_distance = DISTANCE_WEIGHTS.astype(np.float64)
        self.d_vectors, self.d_softmax = np.zeros((2, VOCABULARY, DIMENSIONS))
        self.vector_uses, self.softmax_uses, self.noise_uses, self.windows = np.zeros((4, VOCABULARY))
        tokens, left, right, noise = block
        length, streams = left.shape
        reach = (len(tokens) - length) // 2
        for row, stream in np.ndindex(length, streams):
            centre, at = tokens[reach + row, stream], reach + row
            context = [
                (tokens[at + k, stream], by_distance[abs(k) - 1])
                for k in range(-left[row, stream], right[row, stream] + 1)
                if k
            ]
            size = sum(weight for _, weight in context)
            pool = noise[row % len(noise), stream // (streams // noise.shape[1])]
            self.share = min(1, 6 / max(size, 1e-9))  # of the error, in windows that are wider than usual
            if sg:
                for target, weight in context:
                    hidden = self.vectors[centre] * self.factors
                    self.d_vectors[centre] += (
                        self.learn(hidden, target, pool, weight, weight * self.share) * self.factors
                    )
                    self.vector_uses[centre] += weight * self.share
                    self.softmax_uses[target] += weight * self.share
            elif context:
                hidden = sum(weight * self.vectors[word] for word, weight in context) * self.factors
                hidden = hidden / size if cbow_mean else hidden
                error = self.learn(hidden, centre, pool, 1, 1 if cbow_mean else self.share) * self.factors
                for word, weight in context:
                    self.d_vectors[word] += weight * error * (self.share if cbow_mean else 1)
                    self.windows[word] += weight * self.share

    def learn(self, hidden, target, pool, weight, gradient_weight):
        """Add the loss of one example, by its weight; returns the gradient of the hidden vector, by another one."""
        drawn = len(pool)
        if self.name in ("random_softmax", "sampled_softmax"):
            pool = [word for word in pool if word != target]
        candidates, is_true = np.array([target, *pool]), np.eye(len(pool) + 1)[0]
        logits = self.softmax[candidates] @ hidden
        if self.name != "random_softmax":
            logits -= CORRECTIONS[candidates].astype(np.float64)
        if self.name == "nce":
            errors = 1 / (1 + np.exp(-logits)) - is_true
            self.loss -= weight * np.log(1 - np.abs(errors)).sum()
        elif self.name == "softmax":
            probabilities = np.exp(logits[1:]) / np.exp(logits[1:]).sum()
            errors = np.array([-1.0, *probabilities])
            self.loss -= weight * np.log(probabilities[list(pool).index(target)])
        else:
            probabilities = np.exp(logits) / np.exp(logits).sum()
            errors = probabilities - is_true
            self.loss -= weight * np.log(probabilities[0])
            # a noise word that is the true word is as probable
            self.noise_uses[target] += (drawn - len(pool)) * probabilities[0] * gradient_weight
        errors = errors * gradient_weight
        for word, error in zip(candidates, errors, strict=True):
            self.d_softmax[word] += error * hidden
        np.add.at(self.noise_uses, candidates[1:], errors[1:])
        return errors @ self.softmax[candidates]
