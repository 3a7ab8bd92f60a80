/*
 * sample: pictures drawn at random from all that keep some sums, each as likely as any other.
 *
 * What it shows: anser_counter; anser_sampler with its options, in bulk and by callback; a stream that is saved in the middle and
 * goes on elsewhere; a sampling set; an interrupt from Ctrl-C, after which what was drawn is there.
 *
 *   cc -std=c11 sample.c -o sample $(pkg-config --cflags --libs anser) -lm
 *   ./sample [SAMPLES [SEED]]
 *
 * A picture has 4 rows of 4 pixels, of which two are black in every row and every column. There are 90 of these, among
 * 65,536 pictures. Every sample is checked by the program's own arithmetic.
 *
 * What it prints: how many pictures there are, about; the first samples; how often the rarest and the commonest picture
 * came, and chi-square of all. It exits with 0, and with 1 after an error.
 */
#include <anser.h>

#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 4, PIXELS = SIDE * SIDE, PICTURES = 90 };

static anser_interrupt *token;
static void on_signal(int number) {
  (void)number;
  anser_interrupt_trigger(token); /* all that it does is safe in a signal handler */
}

/* How often each of the 2^16 pictures came. */
static unsigned seen[1 << PIXELS];
static unsigned total;

static int is_right(uint64_t picture) {
  for (int i = 0; i < SIDE; i++) {
    int row = 0, column = 0;
    for (int j = 0; j < SIDE; j++) {
      row += (int)(picture >> (i * SIDE + j) & 1);
      column += (int)(picture >> (j * SIDE + i) & 1);
    }
    if (row != 2 || column != 2) return 0;
  }
  return 1;
}

/* Takes a sample: bit p is the p-th variable of the sampling set, and so pixel p. Nonzero means enough. */
static int32_t take(void *user_data, const uint64_t *words, size_t num_words) {
  (void)num_words; /* 1: up to 64 variables */
  if (!is_right(words[0])) {
    *(int *)user_data = 1;
    return 1;
  }
  if (total++ < 3) {
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) putchar(words[0] >> (i * SIDE + j) & 1 ? '#' : '.');
      putchar(i + 1 < SIDE ? ' ' : '\n');
    }
  }
  seen[words[0]]++;
  return 0;
}

/* At least two of the pixels are black, and at least two white. */
static anser_status two_of_four(anser_formula *formula, const int32_t pixels[SIDE]) {
  int32_t white[SIDE];
  for (int i = 0; i < SIDE; i++) white[i] = -pixels[i];
  const anser_status status =
      anser_formula_add_cardinality(formula, pixels, SIDE, 2, ANSER_CONDITION_PLAIN, 0, NULL);
  if (status != ANSER_STATUS_OK) return status;
  return anser_formula_add_cardinality(formula, white, SIDE, 2, ANSER_CONDITION_PLAIN, 0, NULL);
}

static anser_status build(anser_formula *formula) {
  int32_t pixels[PIXELS];
  anser_status status = anser_formula_ensure_vars(formula, PIXELS);
  for (int i = 0; i < SIDE && status == ANSER_STATUS_OK; i++) {
    int32_t row[SIDE], column[SIDE];
    for (int j = 0; j < SIDE; j++) {
      row[j] = i * SIDE + j + 1;
      column[j] = j * SIDE + i + 1;
    }
    status = two_of_four(formula, row);
    if (status == ANSER_STATUS_OK) status = two_of_four(formula, column);
  }
  /* What samples are about. Here that is every variable; a formula with auxiliary ones needs it. */
  for (int v = 1; v <= PIXELS; v++) pixels[v - 1] = v;
  return status == ANSER_STATUS_OK ? anser_formula_set_sampling_set(formula, pixels, PIXELS) : status;
}

/* Tells what went wrong in the last call: the text names the function, the argument and the value. */
static int complain(anser_status status) {
  fprintf(stderr, "%s: %s\n", anser_status_name(status), anser_last_error());
  return 1;
}

#define TRY(call)                                \
  do {                                           \
    const anser_status s = (call);               \
    if (s != ANSER_STATUS_OK) {                  \
      failed = complain(s);                      \
      goto done;                                 \
    }                                            \
  } while (0)

int main(int argc, char **argv) {
  char *end = NULL, *end_of_seed = NULL;
  const unsigned long wanted = argc > 1 ? strtoul(argv[1], &end, 10) : 900;
  const unsigned long seed = argc > 2 ? strtoul(argv[2], &end_of_seed, 10) : 1;
  if (argc > 3 || (end && (*end || end == argv[1])) || (end_of_seed && *end_of_seed) || wanted > 1000000) {
    fprintf(stderr, "usage: sample [SAMPLES [SEED]]\n");
    return 1;
  }
  anser_formula *formula = NULL;
  anser_counter *counter = NULL;
  anser_sampler *sampler = NULL, *later = NULL;
  anser_budget *budget = NULL;
  uint64_t *first = NULL;
  uint8_t *saved = NULL;
  int failed = 0, wrong = 0;
  TRY(anser_interrupt_new(&token));
  signal(SIGINT, on_signal);
  TRY(anser_budget_new(&budget));
  TRY(anser_budget_set_interrupt(budget, token));
  TRY(anser_formula_new(&formula));
  TRY(build(formula));

  anser_counting counted = ANSER_COUNTING_UNKNOWN;
  char digits[64];
  TRY(anser_counter_new(formula, NULL, &counter));
  TRY(anser_counter_run(counter, budget, &counted));
  if (counted != ANSER_COUNTING_UNKNOWN) {
    TRY(anser_counter_get_count(counter, digits, sizeof digits, NULL));
    printf("%s %s pictures\n", counted == ANSER_COUNTING_EXACT ? "exactly" : "about", digits);
  }

  /* The same formula, sampling set, options and seed give the same samples, with any number of threads. */
  anser_sampler_options options = ANSER_SAMPLER_OPTIONS_INIT;
  options.method = ANSER_SAMPLING_UNIGEN;
  options.threads = 2;
  options.seed = seed;
  TRY(anser_sampler_new(formula, &options, &sampler));

  /* The first half in bulk. Where a signal ends the call, what was drawn before is there. */
  const size_t half = wanted / 2;
  size_t drawn = 0;
  anser_sampling how = ANSER_SAMPLING_UNKNOWN;
  first = calloc(half + 1, sizeof *first);
  if (!first) goto done;
  TRY(anser_sampler_next_samples(sampler, budget, first, half, &drawn, &how));
  for (size_t i = 0; i < drawn; i++) take(&wrong, first + i, 1);

  /* The second half elsewhere: written down, and taken up by another sampler, which might be in another process. */
  if (how == ANSER_SAMPLING_SAMPLE) {
    size_t length = 0;
    TRY(anser_sampler_save_memory(sampler, NULL, NULL, 0, &length));
    saved = malloc(length);
    if (!saved) goto done;
    TRY(anser_sampler_save_memory(sampler, NULL, saved, length, &length));
    TRY(anser_sampler_new(formula, &options, &later));
    TRY(anser_sampler_restore_memory(later, saved, length, NULL));
    anser_sample_callback callback = ANSER_SAMPLE_CALLBACK_INIT;
    callback.user_data = &wrong;
    callback.sample = take;
    TRY(anser_sampler_run(later, wanted - half, budget, &callback, &how));
  }
  if (how == ANSER_SAMPLING_UNKNOWN) printf("interrupted\n");

  unsigned least = UINT32_MAX, most = 0, pictures = 0;
  double chi_square = 0;
  for (uint64_t p = 0; p < 1 << PIXELS; p++) {
    if (!is_right(p)) continue;
    pictures++;
    least = seen[p] < least ? seen[p] : least;
    most = seen[p] > most ? seen[p] : most;
    if (total) chi_square += pow(seen[p] - (double)total / PICTURES, 2) / ((double)total / PICTURES);
  }
  printf("%u samples of %u pictures: each came %u to %u times, chi-square %.1f with %u degrees of freedom\n", total,
         pictures, least, most, chi_square, pictures - 1);
  if (wrong || pictures != PICTURES) {
    fprintf(stderr, "a sample is wrong\n");
    failed = 1;
  }
done:
  free(first);
  free(saved);
  anser_sampler_free(later);
  anser_sampler_free(sampler);
  anser_counter_free(counter);
  anser_formula_free(formula);
  anser_budget_free(budget);
  anser_interrupt_free(token);
  return failed;
}
