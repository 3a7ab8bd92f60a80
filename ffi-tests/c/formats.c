/* anser_formula, files: OPB in and out, and what DIMACS has beside clauses. What both formats share (sinks, budgets,
 * compression) is held against DIMACS in formula.c. */
#include "check.h"

static uint64_t constraints_of(const anser_formula *formula) {
  uint64_t count = 4242;
  OK(anser_formula_num_constraints(formula, &count));
  return count;
}
static anser_constraint constraint_of(const anser_formula *formula, uint64_t id) {
  anser_constraint c = ANSER_CONSTRAINT_INIT;
  OK(anser_formula_get_constraint(formula, id, &c));
  return c;
}
static anser_formula *opb(const char *text) {
  anser_formula *formula = NULL;
  OK(anser_formula_read_opb_memory((const uint8_t *)text, strlen(text), NULL, &formula));
  return formula;
}

static const char all[] = "* #variable= 5 #constraint= 6\n"
                          "+1 x1 +1 ~x2 >= 1 ;\n"
                          "+1 x1 +1 x2 +1 x3 >= 2 ;\n"
                          "+1 x1 +1 ~x2 +1 x3 +2 ~x4 >= 2 ;\n"
                          "+1 ~x1 +1 x2 +1 ~x3 +2 x4 >= 2 ;\n"
                          "+3 x1 -2 ~x2 >= -1 ;\n"
                          "+1 x1 +1 x3 +2 ~x5 >= 2 ;\n";

static void opb_is_read(void) {
  anser_formula *formula = opb(all);
  uint32_t vars = 0;
  OK(anser_formula_num_vars(formula, &vars));
  CHECK(vars == 5 && constraints_of(formula) == 5);
  static const struct {
    int32_t kind, condition, literal;
    int64_t bound;
    size_t n;
  } wanted[] = {{ANSER_CONSTRAINT_KIND_CLAUSE, ANSER_CONDITION_PLAIN, 0, 0, 2},
                {ANSER_CONSTRAINT_KIND_CARDINALITY, ANSER_CONDITION_PLAIN, 0, 2, 3},
                {ANSER_CONSTRAINT_KIND_CARDINALITY, ANSER_CONDITION_REIFIED, 4, 2, 3},
                {ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN, ANSER_CONDITION_PLAIN, 0, -1, 2},
                {ANSER_CONSTRAINT_KIND_CARDINALITY, ANSER_CONDITION_IMPLIED, 5, 2, 2}};
  for (size_t i = 0; i < COUNT(wanted); i++) {
    anser_constraint c = constraint_of(formula, i);
    CHECK(c.kind == wanted[i].kind && c.num_literals == wanted[i].n && c.literals[0] == 1);
    if (i == 0) continue;
    CHECK(c.bound == wanted[i].bound && c.condition == wanted[i].condition &&
          c.condition_literal == wanted[i].literal);
  }
  CHECK(constraint_of(formula, 3).weights[1] == -2);
  anser_formula_free(formula);
}

static void opb_is_written(void) {
  anser_formula *formula = opb(all), *back = NULL;
  char text[512];
  size_t length = 0, same_length = 0;
  OK(anser_formula_write_opb_memory(formula, NULL, NULL, 0, &length));
  CHECK(length == strlen(all));
  memset(text, 'z', sizeof text);
  OK(anser_formula_write_opb_memory(formula, NULL, text, length + 1, &same_length));
  CHECK(same_length == length && strcmp(text, all) == 0 && text[length + 1] == 'z');
  SHORT(anser_formula_write_opb_memory(formula, NULL, text, length, &same_length), "capacity", "");
  NULL_ARGUMENT(anser_formula_write_opb_memory(formula, NULL, NULL, 9, NULL), "buffer");
  NULL_ARGUMENT(anser_formula_write_opb_memory(NULL, NULL, text, 9, NULL), "formula");

  struct host host = {0};
  anser_sink sink = sink_to(&host);
  OK(anser_formula_write_opb_sink(formula, &sink, NULL));
  CHECK(host.destroyed == 1 && host.text && host.length == length && memcmp(host.text, all, length) == 0);
  host_clear(&host);
  NULL_ARGUMENT(anser_formula_write_opb_sink(formula, NULL, NULL), "sink");
  NULL_ARGUMENT(anser_formula_write_opb_sink(NULL, &sink, NULL), "formula");
  CHECK(host.destroyed == 1);
  host_clear(&host);

  static const char *const endings[] = {".opb", ".opb.gz", ".opb.xz"};
  for (size_t i = 0; i < COUNT(endings); i++) {
    const char *path = temporary((int)i, endings[i]);
    OK(anser_formula_write_opb(formula, path, NULL));
    OK(anser_formula_read_opb(path, NULL, &back));
    OK(anser_formula_write_opb_memory(back, NULL, text, sizeof text, NULL));
    CHECK(strcmp(text, all) == 0);
    anser_formula_free(back);
    /* The bytes of the file as they are, compressed or not. */
    char *bytes = read_whole(path, &length);
    CHECK(bytes != NULL);
    OK(anser_formula_read_opb_memory((const uint8_t *)bytes, length, NULL, &back));
    CHECK(constraints_of(back) == 5);
    anser_formula_free(back);
    free(bytes);
    unlink(path);
  }
  FAILS(ANSER_STATUS_IO, anser_formula_write_opb(formula, "/nonexistent/x.opb", NULL), "/nonexistent/x.opb", "");
  FAILS(ANSER_STATUS_IO, anser_formula_read_opb("/nonexistent/x.opb", NULL, &back), "/nonexistent/x.opb", "");
  CHECK(back == NULL);
  NULL_ARGUMENT(anser_formula_write_opb(formula, NULL, NULL), "path");
  NULL_ARGUMENT(anser_formula_write_opb(NULL, "x", NULL), "formula");
  NULL_ARGUMENT(anser_formula_read_opb(NULL, NULL, &back), "path");
  NULL_ARGUMENT(anser_formula_read_opb("x", NULL, NULL), "out_formula");
  NULL_ARGUMENT(anser_formula_read_opb_memory(NULL, 5, NULL, &back), "bytes");
  NULL_ARGUMENT(anser_formula_read_opb_memory((const uint8_t *)all, 5, NULL, NULL), "out_formula");
  anser_formula_free(formula);
}

static void every_format_is_written(void) {
  anser_formula *formula = opb(all);
  OK(anser_formula_set_name(formula, 2, "x y"));
  static const struct {
    int32_t format;
    const char *begin, *end, *ending;
  } formats[] = {{ANSER_FORMAT_OPB, all, ";\n", ".opb"},
                 {ANSER_FORMAT_SMT_LIB, "(set-logic QF_LIA)\n", "(check-sat)\n", ".smt2.gz"},
                 {ANSER_FORMAT_LP, "\\ b2 is x y\nMinimize\n obj: 0 b1 + 0 b2 ", "End\n", ".lp"},
                 {ANSER_FORMAT_MPS, "* b2 is x y\nNAME anser\nROWS\n N obj\n G c0\n", "ENDATA\n", ".mps.xz"}};
  char text[4096];
  size_t length = 0, same_length = 0;
  for (size_t i = 0; i < COUNT(formats); i++) {
    const int32_t format = formats[i].format;
    OK(anser_formula_write_memory(formula, format, NULL, NULL, 0, &length));
    CHECK(length < sizeof text);
    OK(anser_formula_write_memory(formula, format, NULL, text, length + 1, &same_length));
    CHECK(same_length == length && strlen(text) == length);
    CHECK(strncmp(text, formats[i].begin, strlen(formats[i].begin)) == 0);
    CHECK(strcmp(text + length - strlen(formats[i].end), formats[i].end) == 0);
    SHORT(anser_formula_write_memory(formula, format, NULL, text, length, &same_length), "capacity", "");
    OK(anser_formula_write_memory(formula, format, NULL, text, sizeof text, NULL));
    struct host host = {0};
    anser_sink sink = sink_to(&host);
    OK(anser_formula_write_sink(formula, format, &sink, NULL));
    CHECK(host.destroyed == 1 && host.length == length && memcmp(host.text, text, length) == 0);
    host_clear(&host);
    const char *path = temporary((int)i, formats[i].ending);
    OK(anser_formula_write(formula, format, path, NULL));
    char *bytes = read_whole(path, &same_length);
    CHECK(bytes != NULL && (strchr(formats[i].ending + 1, '.') || memcmp(bytes, text, length) == 0));
    free(bytes);
    unlink(path);
  }
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write_memory(formula, ANSER_FORMAT_DIMACS, NULL, NULL, 0, NULL),
        "constraint 1", "DIMACS");
  CHECK(anser_last_error_index() == 1);
  uint32_t number = 0;
  uint64_t id = 0;
  OK(anser_formula_new_reals(formula, (const double[]){0}, (const double[]){1}, 1, &number));
  OK(anser_formula_add_linear(formula, &number, (const double[]){1}, 1, NULL, NULL, 0, ANSER_RELATION_LESS, 0.5,
                              ANSER_CONDITION_PLAIN, 0, &id));
  const char *strict = temporary(0, ".lp");
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write(formula, ANSER_FORMAT_LP, strict, NULL), "strict", "LP");
  CHECK(anser_last_error_index() == (int64_t)id && access(strict, F_OK) != 0);
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write_memory(formula, ANSER_FORMAT_MPS, NULL, NULL, 0, NULL), "strict",
        "MPS");
  CHECK(anser_last_error_index() == (int64_t)id);
  OK(anser_formula_write_memory(formula, ANSER_FORMAT_SMT_LIB, NULL, NULL, 0, NULL));

  struct host host = {0};
  anser_sink sink = sink_to(&host);
  INVALID(anser_formula_write(formula, 0, "x", NULL), "format", "0");
  INVALID(anser_formula_write_memory(formula, 6, NULL, NULL, 0, NULL), "format", "6");
  INVALID(anser_formula_write_sink(formula, -1, &sink, NULL), "format", "-1");
  CHECK(host.destroyed == 1);
  host_clear(&host);
  NULL_ARGUMENT(anser_formula_write(NULL, ANSER_FORMAT_LP, "x", NULL), "formula");
  NULL_ARGUMENT(anser_formula_write(formula, ANSER_FORMAT_LP, NULL, NULL), "path");
  NULL_ARGUMENT(anser_formula_write_sink(formula, ANSER_FORMAT_LP, NULL, NULL), "sink");
  NULL_ARGUMENT(anser_formula_write_memory(NULL, ANSER_FORMAT_LP, NULL, NULL, 0, NULL), "formula");
  FAILS(ANSER_STATUS_IO, anser_formula_write(formula, ANSER_FORMAT_SMT_LIB, "/nonexistent/x.smt2", NULL),
        "/nonexistent/x.smt2", "");
  anser_formula_free(formula);

  /* DIMACS says clauses, as its own writer does. */
  formula = opb("* #variable= 2 #constraint= 1\n+1 x1 +1 ~x2 >= 1 ;\n");
  OK(anser_formula_write_memory(formula, ANSER_FORMAT_DIMACS, NULL, text, sizeof text, &length));
  CHECK(strcmp(text, "p cnf 2 1\n1 -2 0\n") == 0);
  anser_formula_free(formula);
}

static void opb_that_is_refused(void) {
  static const struct {
    const char *text;
    anser_status status;
    uint64_t line, column;
  } bad[] = {{"", ANSER_STATUS_PARSE, 1, 1},
             {"* only a comment\n", ANSER_STATUS_PARSE, 2, 1},
             {"+1 x1 >= 1\n", ANSER_STATUS_PARSE, 2, 1},
             {"+1 x1 >= 1 ;\n+1 y1 >= 1 ;\n", ANSER_STATUS_PARSE, 2, 4},
             {"* #variable= 1\n+1 x2 >= 1 ;\n", ANSER_STATUS_PARSE, 2, 4},
             {"+9223372036854775808 x1 >= 1 ;\n", ANSER_STATUS_PARSE, 1, 1},
             {"+1 x1 >= 9223372036854775807 ;\n", ANSER_STATUS_PARSE, 1, 10},
             {"* #variable= 1 #constraint= 2\n+1 x1 >= 1 ;\n", ANSER_STATUS_PARSE, 3, 1},
             {"\n max: +1 x1 ;\n", ANSER_STATUS_UNSUPPORTED, 2, 2},
             {"+1 x1 x2 >= 1 ;\n", ANSER_STATUS_UNSUPPORTED, 1, 7},
             {"soft: 3 ;\n", ANSER_STATUS_UNSUPPORTED, 1, 1},
             {"[1] +1 x1 >= 1 ;\n", ANSER_STATUS_UNSUPPORTED, 1, 1}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    anser_formula *out = (anser_formula *)(void *)&out;
    anser_status status = anser_formula_read_opb_memory((const uint8_t *)bad[i].text, strlen(bad[i].text), NULL, &out);
    bool good = status == bad[i].status && out == NULL && anser_last_error_line() == bad[i].line &&
                anser_last_error_column() == bad[i].column &&
                strncmp(anser_last_error(), "anser_formula_read_opb_memory: ", 31) == 0;
    if (!CHECK(good))
      printf("    text %zu: %s at %" PRIu64 ":%" PRIu64 "\n", i, anser_status_name(status), anser_last_error_line(),
             anser_last_error_column());
    if (status == ANSER_STATUS_OK) anser_formula_free(out);
  }
  anser_budget *budget = new_budget();
  anser_formula *out = NULL;
  OK(anser_budget_set_memory_limit(budget, 1000));
  FAILS(ANSER_STATUS_OUT_OF_MEMORY, anser_formula_read_opb_memory((const uint8_t *)all, sizeof all - 1, budget, &out),
        "1000", "limit");
  CHECK(out == NULL);
  anser_budget_free(budget);
}

static void what_a_format_cannot_say(void) {
  static const int32_t literals[] = {1, 2};
  anser_formula *formula = new_formula();
  ADD(formula, 1);
  OK(anser_formula_add_xor(formula, literals, 2, 1, NULL));
  OK(anser_formula_add_cardinality(formula, literals, 2, 1, ANSER_CONDITION_PLAIN, 0, NULL));
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write_opb_memory(formula, NULL, NULL, 0, NULL), "constraint 1", "parity");
  CHECK(anser_last_error_index() == 1);
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write_dimacs_memory(formula, NULL, NULL, 0, NULL), "constraint 2",
        "cardinality");
  CHECK(anser_last_error_index() == 2);
  const char *path = temporary(0, ".opb");
  FAILS(ANSER_STATUS_UNSUPPORTED, anser_formula_write_opb(formula, path, NULL), "OPB", "parity");
  CHECK(access(path, F_OK) != 0);
  anser_formula_free(formula);
}

static void parities_and_sampling_sets_in_dimacs(void) {
  static const char text[] = "c ind 3 1 0\np cnf 3 3\nx1 -2 3 0\nc p show 2 0\n1 0\nx0\n";
  static const char again[] = "p cnf 3 3\nc ind 1 2 3 0\nx1 -2 3 0\n1 0\nx0\n";
  anser_formula *formula = NULL;
  OK(anser_formula_read_dimacs_memory((const uint8_t *)text, sizeof text - 1, NULL, &formula));
  CHECK(constraints_of(formula) == 3 && constraint_of(formula, 0).kind == ANSER_CONSTRAINT_KIND_XOR);
  CHECK(constraint_of(formula, 1).kind == ANSER_CONSTRAINT_KIND_CLAUSE);
  CHECK(constraint_of(formula, 2).kind == ANSER_CONSTRAINT_KIND_XOR && constraint_of(formula, 2).num_literals == 0);
  char buffer[128];
  OK(anser_formula_write_dimacs_memory(formula, NULL, buffer, sizeof buffer, NULL));
  CHECK(strcmp(buffer, again) == 0);
  anser_formula_free(formula);
  static const char beyond[] = "c ind 4 0\np cnf 3 0\n";
  FAILS(ANSER_STATUS_PARSE, anser_formula_read_dimacs_memory((const uint8_t *)beyond, sizeof beyond - 1, NULL, &formula),
        "variable 4", "sampling set");
  CHECK(anser_last_error_line() == 1 && anser_last_error_column() == 7 && formula == NULL);
}

int main(void) {
  RUN(opb_is_read);
  RUN(opb_is_written);
  RUN(every_format_is_written);
  RUN(opb_that_is_refused);
  RUN(what_a_format_cannot_say);
  RUN(parities_and_sampling_sets_in_dimacs);
  return report();
}
