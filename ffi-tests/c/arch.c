/* anser_arch_space, every function: known counts, members listed, drawn, judged and decoded, the formula; what is refused. */
#include "check.h"

static const uint32_t in2[] = {28, 28}, out2[] = {8, 8};

static anser_arch_description square(uint32_t least, uint32_t most) {
  anser_arch_description d = ANSER_ARCH_DESCRIPTION_INIT;
  d.num_dimensions = 2;
  d.input = in2;
  d.output = out2;
  d.min_layers = least;
  d.max_layers = most;
  return d;
}
static anser_arch_space *new_space(const anser_arch_description *d) {
  anser_arch_space *made = NULL;
  OK(anser_arch_space_new(d, &made));
  return made;
}
static void counts(anser_arch_space *space, const char *expected) {
  const char *count = NULL;
  if (OK(anser_arch_space_count(space, NULL, &count))) CHECK(strcmp(count, expected) == 0);
}

static uint32_t layers_of[4096], kernels_of[4096 * 16], strides_of[4096 * 16];
static anser_arch_members room(size_t members) {
  anser_arch_members m = ANSER_ARCH_MEMBERS_INIT;
  m.num_members = members;
  m.layers = layers_of;
  m.kernels = kernels_of;
  m.strides = strides_of;
  return m;
}

static void known_counts(void) {
  anser_arch_description d = square(1, 2);
  anser_arch_space *space = new_space(&d);
  counts(space, "2713"); /* 3 squared and 52 squared */
  counts(space, "2713");
  anser_arch_space_free(space);
  d.rules = ANSER_ARCH_RULE_NO_IDENTITY;
  d.min_layers = 2;
  space = new_space(&d);
  counts(space, "2116"); /* 46 squared */
  anser_arch_space_free(space);
  static const uint32_t large[] = {224, 224, 224}, small[] = {7, 7, 7};
  d = square(1, 10);
  d.num_dimensions = 3;
  d.input = large;
  d.output = small;
  space = new_space(&d);
  const char *count = NULL;
  OK(anser_arch_space_count(space, NULL, &count));
  CHECK(count && strlen(count) > 40 && strspn(count, "0123456789") == strlen(count));
  anser_arch_space_free(space);
}

static void members_are_listed_and_judged(void) {
  anser_arch_description d = square(1, 2);
  anser_arch_space *space = new_space(&d);
  anser_arch_members m = room(4096);
  size_t found = 0;
  OK(anser_arch_space_list(space, 0, NULL, &m, &found));
  CHECK(found == 2713 && layers_of[0] == 1 && layers_of[9] == 2);
  static int8_t is_member[4096];
  m.num_members = found;
  OK(anser_arch_space_check(space, &m, is_member));
  size_t members = 0;
  for (size_t i = 0; i < found; i++) members += is_member[i] == 1;
  CHECK(members == found);
  kernels_of[0]++;
  layers_of[1] = UINT32_MAX;
  layers_of[2] = 0;
  m.num_members = 4;
  OK(anser_arch_space_check(space, &m, is_member));
  CHECK(is_member[0] == 0 && is_member[1] == 0 && is_member[2] == 0 && is_member[3] == 1);
  m = room(10);
  OK(anser_arch_space_list(space, 2710, NULL, &m, &found));
  CHECK(found == 3);
  OK(anser_arch_space_list(space, UINT64_MAX, NULL, &m, &found));
  CHECK(found == 0);
  anser_arch_space_free(space);
}

static void members_are_drawn(void) {
  anser_arch_description d = square(2, 2);
  anser_arch_space *space = new_space(&d);
  for (int32_t method = ANSER_ARCH_METHOD_PROGRAMME; method <= ANSER_ARCH_METHOD_ENUMERATE; method++) {
    anser_arch_members m = room(20);
    size_t found = 0;
    OK(anser_arch_space_draw(space, method, 1, NULL, &m, &found));
    CHECK(found == 20);
    int8_t is_member[20] = {0};
    OK(anser_arch_space_check(space, &m, is_member));
    for (size_t i = 0; i < 20; i++) {
      CHECK(is_member[i] == 1);
      for (size_t j = 0; j < i; j++) CHECK(memcmp(kernels_of + 4 * i, kernels_of + 4 * j, 16) || memcmp(strides_of + 4 * i, strides_of + 4 * j, 16));
    }
  }
  anser_arch_space_free(space);
  /* Fewer than there is room for. */
  static const uint32_t in1[] = {28}, out1[] = {8};
  d.num_dimensions = 1;
  d.input = in1;
  d.output = out1;
  space = new_space(&d);
  anser_arch_members m = room(100);
  size_t found = 0;
  OK(anser_arch_space_draw(space, ANSER_ARCH_METHOD_UNIGEN, 1, NULL, &m, &found));
  CHECK(found == 52);
  OK(anser_arch_space_draw(space, ANSER_ARCH_METHOD_PROGRAMME, 1, NULL, &m, &found));
  CHECK(found == 52);
  anser_arch_space_free(space);
}

static void limits_on_the_whole(void) {
  static const uint32_t channels[] = {3, 8, 4};
  anser_arch_description d = square(2, 2);
  d.channels = channels;
  d.num_channels = 3;
  d.max_parameters = 3000;
  d.max_receptive_field = 20;
  anser_arch_space *space = new_space(&d);
  anser_arch_members m = room(20);
  size_t found = 0;
  CHECK(anser_arch_space_list(space, 0, NULL, &m, &found) == ANSER_STATUS_UNSUPPORTED);
  CHECK(anser_arch_space_draw(space, ANSER_ARCH_METHOD_PROGRAMME, 0, NULL, &m, &found) == ANSER_STATUS_UNSUPPORTED);
  OK(anser_arch_space_draw(space, ANSER_ARCH_METHOD_UNIGEN, 0, NULL, &m, &found));
  CHECK(found == 20);
  for (size_t i = 0; i < found; i++) {
    const uint32_t *k = kernels_of + 4 * i;
    CHECK(24 * k[0] * k[1] + 32 * k[2] * k[3] <= 3000);
  }
  const char *count = NULL;
  OK(anser_arch_space_count(space, NULL, &count));
  CHECK(count && strtoul(count, NULL, 10) > 0 && strtoul(count, NULL, 10) < 2704);
  anser_arch_space_free(space);
}

static void the_formula(void) {
  anser_arch_description d = square(1, 2);
  anser_arch_space *space = new_space(&d);
  anser_formula *formula = NULL;
  OK(anser_arch_space_formula(space, NULL, &formula));
  uint32_t vars = 0, first_kernel = 0, kernel_bits = 0, first_stride = 0, stride_bits = 0;
  OK(anser_arch_space_num_vars(space, &vars));
  OK(anser_arch_space_bits(space, 1, 1, &first_kernel, &kernel_bits, &first_stride, &stride_bits));
  CHECK(vars == 2 * (1 + 4 * 5) && kernel_bits == 5 && stride_bits == 5 && first_stride + 4 == vars && first_kernel + 5 == first_stride);
  /* The second layer's kernel in the second dimension is odd: so there is one. */
  int32_t odd = (int32_t)first_kernel;
  OK(anser_formula_add_clause(formula, &odd, 1, NULL));
  anser_enumerator *e = NULL;
  OK(anser_enumerator_new(formula, &e));
  size_t width = 0, decoded = 0;
  OK(anser_enumerator_num_projection(e, &width));
  CHECK(width == vars);
  static int8_t values[64];
  for (;;) {
    size_t models = 0;
    anser_enumeration end = ANSER_ENUMERATION_UNKNOWN;
    OK(anser_enumerator_next_models(e, NULL, values, 1, &models, &end));
    if (models == 0) break;
    anser_arch_members m = room(1);
    OK(anser_arch_space_decode(space, values, width, &m));
    CHECK(layers_of[0] == 2 && kernels_of[3] % 2 == 1);
    decoded++;
  }
  CHECK(decoded > 100 && decoded < 2704);
  anser_arch_members m = room(1);
  memset(values, 1, sizeof values);
  CHECK(anser_arch_space_decode(space, values, vars, &m) == ANSER_STATUS_INVALID_ARGUMENT);
  CHECK(anser_arch_space_decode(space, values, vars - 1, &m) == ANSER_STATUS_INVALID_ARGUMENT);
  m.num_members = 0;
  CHECK(anser_arch_space_decode(space, values, vars, &m) == ANSER_STATUS_BUFFER_TOO_SMALL);
  CHECK(anser_arch_space_bits(space, 2, 0, &first_kernel, &kernel_bits, &first_stride, &stride_bits) == ANSER_STATUS_INVALID_ARGUMENT);
  CHECK(anser_arch_space_bits(space, 0, 2, &first_kernel, &kernel_bits, &first_stride, &stride_bits) == ANSER_STATUS_INVALID_ARGUMENT);
  anser_enumerator_free(e);
  anser_formula_free(formula);
  anser_arch_space_free(space);
}

static void refused(anser_arch_description d, anser_status expected, const char *word) {
  anser_arch_space *made = (anser_arch_space *)1;
  CHECK(anser_arch_space_new(&d, &made) == expected && made == NULL);
  CHECK(strstr(anser_last_error(), word) != NULL);
}
static void bad_descriptions(void) {
  anser_arch_description d = square(1, 2);
  anser_arch_space *made = NULL;
  CHECK(anser_arch_space_new(NULL, &made) == ANSER_STATUS_NULL_ARGUMENT);
  CHECK(anser_arch_space_new(&d, NULL) == ANSER_STATUS_NULL_ARGUMENT);
  d.struct_size = 8;
  refused(d, ANSER_STATUS_BAD_STRUCT_SIZE, "struct_size");
  d = square(1, 2);
  d.input = NULL;
  refused(d, ANSER_STATUS_NULL_ARGUMENT, "input");
  d = square(1, 2);
  d.num_dimensions = 0;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "input");
  d.num_dimensions = SIZE_MAX;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "dimensions");
  d = square(0, 2);
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "layers");
  d = square(1, UINT32_MAX);
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "layers");
  d = square(1, 2);
  d.rules = 64;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "rules");
  d = square(1, 2);
  d.max_parameters = 5;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "channels");
  d.num_channels = SIZE_MAX;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "channels");
  d = square(1, 2);
  d.fixed_kernel = 2;
  refused(d, ANSER_STATUS_INVALID_ARGUMENT, "fixed");
}

static void bad_calls(void) {
  anser_arch_description d = square(1, 2);
  anser_arch_space *space = new_space(&d);
  anser_arch_members m = room(4);
  size_t found = 77;
  const char *count = NULL;
  CHECK(anser_arch_space_count(NULL, NULL, &count) == ANSER_STATUS_NULL_ARGUMENT);
  CHECK(anser_arch_space_count(space, NULL, NULL) == ANSER_STATUS_NULL_ARGUMENT);
  CHECK(anser_arch_space_draw(space, 9, 0, NULL, &m, &found) == ANSER_STATUS_INVALID_ARGUMENT);
  CHECK(anser_arch_space_draw(space, 0, 0, NULL, NULL, &found) == ANSER_STATUS_NULL_ARGUMENT);
  CHECK(anser_arch_space_draw(space, 0, 0, NULL, &m, NULL) == ANSER_STATUS_NULL_ARGUMENT);
  m.kernels = NULL;
  CHECK(anser_arch_space_list(space, 0, NULL, &m, &found) == ANSER_STATUS_NULL_ARGUMENT);
  m = room(SIZE_MAX);
  CHECK(anser_arch_space_list(space, 0, NULL, &m, &found) == ANSER_STATUS_INVALID_ARGUMENT);
  m = room(SIZE_MAX / 4);
  CHECK(anser_arch_space_list(space, 0, NULL, &m, &found) == ANSER_STATUS_INVALID_ARGUMENT);
  CHECK(found == 77);
  m = room(0);
  m.layers = m.kernels = m.strides = NULL;
  OK(anser_arch_space_list(space, 0, NULL, &m, &found));
  CHECK(found == 0);
  anser_arch_space_free(space);
  anser_arch_space_free(NULL);
}

static void budgets(void) {
  static const uint32_t in3[] = {28, 28, 28}, out3[] = {8, 8, 8}, channels[] = {1, 8, 8, 8, 8, 8};
  anser_arch_description d = square(5, 5);
  d.num_dimensions = 3;
  d.input = in3;
  d.output = out3;
  d.channels = channels;
  d.num_channels = 6;
  d.max_parameters = 1000000;
  anser_arch_space *space = new_space(&d);
  anser_budget *budget = NULL;
  OK(anser_budget_new(&budget));
  OK(anser_budget_set_time_limit(budget, 0.3));
  const char *count = NULL;
  CHECK(anser_arch_space_count(space, budget, &count) == ANSER_STATUS_STOPPED && count == NULL);
  OK(anser_budget_set_time_limit(budget, 0));
  anser_arch_members m = room(4);
  size_t found = 77;
  CHECK(anser_arch_space_draw(space, ANSER_ARCH_METHOD_UNIGEN, 0, budget, &m, &found) == ANSER_STATUS_STOPPED && found == 77);
  anser_budget_free(budget);
  anser_arch_space_free(space);
}

_Static_assert(sizeof(anser_arch_description) == 128 && offsetof(anser_arch_description, rules) == 72 &&
                   offsetof(anser_arch_description, max_receptive_field) == 120 && sizeof(anser_arch_members) == 40,
               "layout");

int main(void) {
  RUN(known_counts);
  RUN(members_are_listed_and_judged);
  RUN(members_are_drawn);
  RUN(limits_on_the_whole);
  RUN(the_formula);
  RUN(bad_descriptions);
  RUN(bad_calls);
  RUN(budgets);
  return report();
}
