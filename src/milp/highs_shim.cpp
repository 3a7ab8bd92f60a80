// HiGHS behind C functions that no exception leaves. Its own C interface lets them through.

#include <cstdint>
#include <new>

extern "C" {
// As in highs_c_api.h of HiGHS 1.15, whose integers have 32 bits.
int32_t Highs_versionMajor (void);
int32_t Highs_versionMinor (void);
void *Highs_create (void);
void Highs_destroy (void *);
int32_t Highs_setBoolOptionValue (void *, const char *, int32_t);
int32_t Highs_setIntOptionValue (void *, const char *, int32_t);
int32_t Highs_setDoubleOptionValue (void *, const char *, double);
int32_t Highs_setStringOptionValue (void *, const char *, const char *);
int32_t Highs_passLp (void *, int32_t, int32_t, int32_t, int32_t, int32_t, double, const double *, const double *,
                      const double *, const double *, const double *, const int32_t *, const int32_t *, const double *);
int32_t Highs_changeColsBoundsByRange (void *, int32_t, int32_t, const double *, const double *);
int32_t Highs_setBasis (void *, const int32_t *, const int32_t *);
int32_t Highs_getBasis (const void *, int32_t *, int32_t *);
int32_t Highs_run (void *);
int32_t Highs_getModelStatus (const void *);
int32_t Highs_getSolution (const void *, double *, double *, double *, double *);
int32_t Highs_getDualRay (const void *, int32_t *, double *);
int32_t Highs_getIntInfoValue (const void *, const char *, int32_t *);
}

namespace {

constexpr int32_t failed = -1, no_memory = -2, other_version = -3;

// What `call` answers: -1 where HiGHS says that it failed or threw, -2 where memory ran out.
template <class Call> int32_t contained (Call call) noexcept {
  try {
    return call ();
  } catch (const std::bad_alloc &) {
    return no_memory;
  } catch (...) {
    return failed;
  }
}

} // namespace

extern "C" {

int32_t anser_highs_new (int32_t seed, void **out) noexcept {
  return contained ([&] {
    if (Highs_versionMajor () != 1 || Highs_versionMinor () != 15)
      return other_version;
    void *const highs = Highs_create ();
    if (!highs)
      return no_memory;
    *out = highs;
    // Before everything else: HiGHS would write to the standard output.
    const bool fine = Highs_setBoolOptionValue (highs, "output_flag", 0) == 0 &&
                      Highs_setIntOptionValue (highs, "threads", 1) == 0 &&
                      Highs_setIntOptionValue (highs, "random_seed", seed) == 0 &&
                      Highs_setStringOptionValue (highs, "presolve", "off") == 0 &&
                      Highs_setStringOptionValue (highs, "solver", "simplex") == 0 &&
                      Highs_setDoubleOptionValue (highs, "primal_feasibility_tolerance", 1e-9) == 0 &&
                      Highs_setDoubleOptionValue (highs, "dual_feasibility_tolerance", 1e-9) == 0;
    return fine ? 0 : failed;
  });
}

void anser_highs_delete (void *highs) noexcept {
  contained ([&] {
    Highs_destroy (highs);
    return 0;
  });
}

// Rows: starts has num_rows entries.
int32_t anser_highs_load (void *highs, int32_t columns, int32_t rows, int32_t entries, const double *cost,
                          const double *column_lower, const double *column_upper, const double *row_lower,
                          const double *row_upper, const int32_t *starts, const int32_t *indices,
                          const double *values) noexcept {
  constexpr int32_t rowwise = 2, minimise = 1;
  return contained ([&] {
    return Highs_passLp (highs, columns, rows, entries, rowwise, minimise, 0.0, cost, column_lower, column_upper, row_lower,
                         row_upper, starts, indices, values);
  });
}

int32_t anser_highs_bounds (void *highs, int32_t columns, const double *lower, const double *upper) noexcept {
  return contained ([&] { return Highs_changeColsBoundsByRange (highs, 0, columns - 1, lower, upper); });
}

int32_t anser_highs_set_basis (void *highs, const int32_t *columns, const int32_t *rows) noexcept {
  return contained ([&] { return Highs_setBasis (highs, columns, rows); });
}

int32_t anser_highs_basis (const void *highs, int32_t *columns, int32_t *rows) noexcept {
  return contained ([&] { return Highs_getBasis (highs, columns, rows); });
}

// At most so many iterations. The model status, and how many there were.
int32_t anser_highs_run (void *highs, int32_t iterations, int32_t *out_status, int32_t *out_iterations) noexcept {
  return contained ([&] {
    if (Highs_setIntOptionValue (highs, "simplex_iteration_limit", iterations) != 0)
      return failed;
    const int32_t status = Highs_run (highs);
    *out_status = Highs_getModelStatus (highs);
    if (Highs_getIntInfoValue (highs, "simplex_iteration_count", out_iterations) != 0)
      *out_iterations = 0;
    return status;
  });
}

int32_t anser_highs_values (const void *highs, double *columns, double *column_duals, double *rows,
                            double *row_duals) noexcept {
  return contained ([&] { return Highs_getSolution (highs, columns, column_duals, rows, row_duals); });
}

int32_t anser_highs_ray (const void *highs, int32_t *out_has, double *out_ray) noexcept {
  return contained ([&] { return Highs_getDualRay (highs, out_has, out_ray); });
}
}
