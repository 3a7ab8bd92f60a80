/*
 * cardinality: how many pixels must flip before a small binarized neural network changes its mind?
 *
 * What it shows: constraints that are not clauses. A neuron is a reified cardinality constraint, the network's decision
 * a reified pseudo-Boolean constraint, a parity check an XOR; bounds that are tried one after the other are implied by
 * literals, so that one solver answers them all, as assumptions. Every answer is checked without the library.
 *
 *   cc -std=c11 cardinality.c -o cardinality $(pkg-config --cflags --libs anser)
 *   ./cardinality [PARITY]
 *
 * The picture has 24 pixels, black or white. Each of 9 neurons looks at all of them: it counts the pixels that are as it
 * likes them, and fires where they are enough. The neurons that fire vote with weights, and the network says "cat" where
 * the votes reach a bound. An attacker may flip pixels; with PARITY 1 (else 0), the number of black pixels must stay as
 * odd or even as it was, since the wire checks a parity bit.
 *
 * What it prints: the least number of flips that changes the decision, and such a picture. It exits with 0, or with 1
 * after any error.
 */
#include <anser.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS = 24, WIDTH = 6, NEURONS = 9 };

/* The network: what a host would have trained. */
static const char *const likes[NEURONS] = {/* of each pixel, row by row: black or white */
                                           "##..##" "#....#" "......" "#....#", "..##.." ".####." ".####." "..##..",
                                           "#.#.#." ".#.#.#" "#.#.#." ".#.#.#", "######" "......" "......" "######",
                                           "#....." "##...." "###..." "####..", ".....#" "....##" "...###" "..####",
                                           "..##.." "..##.." "..##.." "..##..", "......" "######" "######" "......",
                                           "#.##.#" "#.##.#" "#.##.#" "#.##.#"};
static const int64_t enough[NEURONS] = {13, 12, 13, 12, 11, 11, 13, 12, 12};
static const int64_t votes[NEURONS] = {3, -4, 2, -3, 5, 4, -2, -5, 1};
static const int64_t needed = 1;

static const char picture[] = "#....#" "##..##" "######" "#....#";

/* The network, computed: what the library's answers are held against. */
static int is_cat(const int black[PIXELS]) {
  int64_t sum = 0;
  for (int n = 0; n < NEURONS; n++) {
    int64_t count = 0;
    for (int p = 0; p < PIXELS; p++) {
      count += black[p] == (likes[n][p] == '#');
    }
    sum += count >= enough[n] ? votes[n] : 0;
  }
  return sum >= needed;
}

/* Tells what went wrong in the last call: the text names the function, the argument and the value. */
static int complain(anser_status status) {
  fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
  return 1;
}

/* Variables: pixels 1..PIXELS, then the neurons, then one for the decision. Where pixel p is black, black_pixel(p) is
   true. */
static int32_t black_pixel(int p) { return 1 + p; }
static int32_t neuron(int n) { return 1 + PIXELS + n; }
enum { CAT = 1 + PIXELS + NEURONS, UP_TO = CAT + 1 }; /* UP_TO + k: at most k pixels are flipped */

/* The network in constraints. Answers the first status that is not ANSER_STATUS_OK. */
static anser_status say_network(anser_formula *formula) {
  /* Neuron n fires exactly where at least enough[n] pixels are as it likes them: a literal for each pixel, a reified
     cardinality constraint. All neurons in one call, in flat arrays: row n is literals[offsets[n]] and on. */
  int32_t literals[NEURONS * PIXELS];
  size_t offsets[NEURONS + 1] = {0};
  int32_t conditions[NEURONS];
  int32_t fires[NEURONS];
  for (int n = 0; n < NEURONS; n++) {
    for (int p = 0; p < PIXELS; p++) {
      literals[n * PIXELS + p] = likes[n][p] == '#' ? black_pixel(p) : -black_pixel(p);
    }
    offsets[n + 1] = (size_t)(n + 1) * PIXELS;
    conditions[n] = ANSER_CONDITION_REIFIED;
    fires[n] = neuron(n);
  }
  anser_status status = anser_formula_add_cardinalities(formula, literals, NEURONS * PIXELS, offsets, enough, conditions,
                                                        fires, NEURONS, NULL);
  if (status != ANSER_STATUS_OK) {
    return status;
  }
  /* It is a cat exactly where the votes of the neurons that fire reach the bound. */
  return anser_formula_add_pseudo_boolean(formula, fires, votes, NEURONS, needed, ANSER_CONDITION_REIFIED, CAT, NULL);
}

/* What the attacker may do. */
static anser_status say_attack(anser_formula *formula, const int black[PIXELS], int parity) {
  int32_t kept[PIXELS];    /* true where the pixel is as it was */
  int32_t pixels[PIXELS];
  int odd = 0;
  for (int p = 0; p < PIXELS; p++) {
    pixels[p] = black_pixel(p);
    kept[p] = black[p] ? black_pixel(p) : -black_pixel(p);
    odd ^= black[p];
  }
  anser_status status = ANSER_STATUS_OK;
  if (parity) {
    status = anser_formula_add_xor(formula, pixels, PIXELS, odd, NULL);
  }
  /* At most k pixels are flipped: at least PIXELS - k are kept. It must hold only where the literal UP_TO + k is true,
     so that a search can assume the one it wants. */
  for (int k = 0; k <= PIXELS && status == ANSER_STATUS_OK; k++) {
    status = anser_formula_add_cardinality(formula, kept, PIXELS, PIXELS - k, ANSER_CONDITION_IMPLIED, UP_TO + k, NULL);
  }
  return status;
}

static void print_picture(const int before[PIXELS], const int after[PIXELS]) {
  for (int row = 0; row < PIXELS / WIDTH; row++) {
    const int *a = before + row * WIDTH;
    const int *b = after + row * WIDTH;
    for (int p = 0; p < WIDTH; p++) {
      putchar(a[p] ? '#' : '.');
    }
    printf(row == PIXELS / WIDTH / 2 ? "  ->  " : "      ");
    for (int p = 0; p < WIDTH; p++) {
      putchar(b[p] ? '#' : '.');
    }
    putchar('\n');
  }
}

int main(int argc, char **argv) {
  const int parity = argc > 1 && strcmp(argv[1], "1") == 0;
  if (argc > 2 || (argc == 2 && !parity && strcmp(argv[1], "0") != 0)) {
    fputs("usage: cardinality [PARITY]\n", stderr);
    return 1;
  }
  int black[PIXELS];
  for (int p = 0; p < PIXELS; p++) {
    black[p] = picture[p] == '#';
  }
  const int cat = is_cat(black);
  printf("the picture is %s\n", cat ? "a cat" : "no cat");

  anser_formula *formula = NULL;
  anser_solver *solver = NULL;
  int answer = 1;
  anser_status status;
  if ((status = anser_formula_new(&formula)) != ANSER_STATUS_OK ||
      (status = say_network(formula)) != ANSER_STATUS_OK ||
      (status = say_attack(formula, black, parity)) != ANSER_STATUS_OK ||
      (status = anser_solver_new(formula, &solver)) != ANSER_STATUS_OK) {
    answer = complain(status);
    goto done;
  }

  for (int k = 0; k <= PIXELS; k++) {
    /* Up to k flips, and the decision is another one. */
    const int32_t assumptions[] = {UP_TO + k, cat ? -CAT : CAT};
    anser_result result = ANSER_RESULT_UNKNOWN;
    status = anser_solver_solve(solver, assumptions, 2, NULL, &result); /* a budget in place of NULL limits it */
    if (status != ANSER_STATUS_OK) {
      answer = complain(status);
      goto done;
    }
    if (result == ANSER_RESULT_UNSAT) {
      continue; /* no picture that near is another one: proved, not tried out */
    }
    if (result != ANSER_RESULT_SAT) {
      fputs("the search was ended\n", stderr); /* by a budget only */
      goto done;
    }

    int8_t model[UP_TO + PIXELS]; /* of variable v at v - 1 */
    status = anser_solver_get_model(solver, model, sizeof model);
    int32_t satisfied = 0;
    uint64_t violated = 0; /* an id is counted over constraints of all kinds */
    if (status == ANSER_STATUS_OK) {
      status = anser_formula_check(formula, model, sizeof model, &satisfied, &violated);
    }
    if (status != ANSER_STATUS_OK) {
      answer = complain(status);
      goto done;
    }
    /* The library has checked the model before it told of it, and does again here. The network itself is what the host
       meant: it is asked last. */
    int attacked[PIXELS];
    int flips = 0;
    for (int p = 0; p < PIXELS; p++) {
      attacked[p] = model[black_pixel(p) - 1] > 0;
      flips += attacked[p] != black[p];
    }
    if (!satisfied || flips > k || is_cat(attacked) == cat || (parity && flips % 2 != 0)) {
      fprintf(stderr, "the answer is wrong: %d flips, constraint %llu\n", flips, (unsigned long long)violated);
      goto done;
    }
    printf("it is %s after %d flips, and after no fewer%s:\n", cat ? "no cat" : "a cat", flips,
           parity ? " that keep the parity" : "");
    print_picture(black, attacked);
    answer = 0;
    goto done;
  }
  printf("no flips change that\n");
  answer = 0;

done: /* NULL is ignored, and the order does not matter */
  anser_solver_free(solver);
  anser_formula_free(formula);
  return answer;
}
