#include "src/stats/distributions.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include "src/base/check.h"

namespace sightline::stats {
namespace {

namespace policies = boost::math::policies;

// With the arguments checked nothing can go wrong in Boost, and no exception may leave the room. Discrete
// quantiles are rounded up, which is the definition in the header.
using Policy = policies::policy<
    policies::domain_error<policies::errno_on_error>, policies::pole_error<policies::errno_on_error>,
    policies::overflow_error<policies::errno_on_error>, policies::evaluation_error<policies::errno_on_error>,
    policies::discrete_quantile<policies::integer_round_up>>;

}  // namespace

double StudentTQuantile(double p, double degrees_of_freedom) {
  SIGHTLINE_CHECK(p > 0 && p < 1 && degrees_of_freedom > 0);
  return boost::math::quantile(boost::math::students_t_distribution<double, Policy>(degrees_of_freedom), p);
}

int64_t BinomialQuantile(double p, int64_t n, double success) {
  SIGHTLINE_CHECK(p > 0 && p < 1 && n > 0 && success > 0 && success < 1);
  const boost::math::binomial_distribution<double, Policy> binomial(static_cast<double>(n), success);
  return static_cast<int64_t>(boost::math::quantile(binomial, p));
}

double RegularizedBeta(double a, double b, double x) {
  SIGHTLINE_CHECK(a > 0 && b > 0 && x >= 0 && x <= 1);
  return boost::math::ibeta(a, b, x, Policy());
}

}  // namespace sightline::stats
