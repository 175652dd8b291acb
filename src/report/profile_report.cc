#include "src/report/profile_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "src/base/text.h"
#include "src/report/run_report.h"
#include "src/report/text_table.h"

namespace sightline::report {
namespace {

using analyze::Profile;
using analyze::ProfileReport;
using analyze::ProfileRow;
using analyze::Verdict;

constexpr double kGiga = 1e9;
constexpr size_t kNamesShown = 5;

std::string Percent(double share) {
  return fmt::format("{:.1f}", share * 100);
}

// About three digits, never an exponent.
std::string Short(double value) {
  if (value == 0) return "0";
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string Heading(const ProfileReport& report) {
  const RunManifest& m = report.manifest;
  std::string size;
  if (m.model.macs > 0) {
    size =
        fmt::format(" ({:.2f} M parameters, {:.3g} GMAC a picture)",
                    static_cast<double>(m.model.parameters) / 1e6, static_cast<double>(m.model.macs) / kGiga);
  }
  const std::string threads =
      m.backend.intra_threads > 0
          ? fmt::format("{} thread{}", m.backend.intra_threads, m.backend.intra_threads == 1 ? "" : "s")
          : "threads not known";
  return fmt::format("{}{} in {} {}\n{}, {}, {}, batch {}; input {} {}, {}\n{} runs with the profiler\n",
                     m.model.name, size, m.backend.framework, m.backend.framework_version, m.backend.device,
                     m.backend.precision_run, threads, m.trial.batch, m.backend.input_layout,
                     m.backend.input_shape, m.input_description, report.profile.runs);
}

std::string RoofLine(const ProfileReport& report) {
  if (!report.profile.roofs) {
    return report.no_roofs.empty() ? "" : "roofs        none, and so no verdicts: " + report.no_roofs + "\n";
  }
  const analyze::Roofs& roofs = *report.profile.roofs;
  const auto giga = [](const Estimate& e) {
    Estimate scaled{e.value / kGiga};
    if (e.low) scaled.low = *e.low / kGiga;
    if (e.high) scaled.high = *e.high / kGiga;
    return RateWithError(scaled);
  };
  std::string text = fmt::format("roofs        {} GMAC/s ({}, {} thread{})", giga(roofs.macs_per_s),
                                 roofs.vectors, roofs.threads, roofs.threads == 1 ? "" : "s");
  for (const analyze::BandwidthRoof& roof : roofs.bandwidths) {
    text += fmt::format(", {} GB/s {} {}", giga(roof.bytes_per_s),
                        roof.memory == "memory" ? "from" : "in the", roof.memory);
  }
  return text + "\n";
}

// Of a rate there is something to say only where the work is known.
std::string Rate(int64_t amount, const ProfileRow& row, double unit) {
  if (row.nodes.empty() || row.duration_ns.value <= 0 || amount == 0) return "-";
  return Short(static_cast<double>(amount) / row.duration_ns.value * kGiga / unit);
}

std::string OfRoof(const ProfileRow& row) {
  if (row.roofline.verdict == Verdict::kUnknown || row.duration_ns.value <= 0) return "-";
  return fmt::format("{:.0f}", 100 * row.roofline.least_ns / row.duration_ns.value);
}

std::vector<std::string> WorkCells(const ProfileRow& row) {
  if (row.nodes.empty()) return {"-", "-", "-", "-", "-"};
  const auto bytes = static_cast<double>(row.work.bytes());
  return {Short(static_cast<double>(row.work.macs) / 1e6), Short(bytes / 1e6),
          bytes > 0 ? Short(static_cast<double>(row.work.macs) / bytes) : "-",
          Rate(row.work.macs, row, kGiga), Rate(row.work.bytes(), row, kGiga)};
}

class ProfileTable {
 public:
  ProfileTable(const Profile& profile, bool by_type)
      : by_type_(by_type), verdicts_(!by_type && profile.roofs), table_(Columns()) {}

  void Add(const ProfileRow& row) {
    std::vector<std::string> cells = {row.name, by_type_ ? std::to_string(row.count) : row.operators,
                                      MillisecondsWithError(row.duration_ns), Percent(row.share)};
    for (std::string& cell : WorkCells(row)) cells.push_back(std::move(cell));
    if (verdicts_) {
      cells.push_back(OfRoof(row));
      cells.emplace_back(row.roofline.verdict == Verdict::kUnknown ? "-" : VerdictName(row.roofline.verdict));
    }
    table_.AddRow(std::move(cells));
  }

  // A row of time alone.
  void AddTime(const std::string& name, const std::string& time, const std::string& share) {
    std::vector<std::string> cells = {name, "", time, share};
    cells.resize(verdicts_ ? 11 : 9);
    table_.AddRow(std::move(cells));
  }

  std::string ToString() const { return table_.ToString(); }

 private:
  std::vector<Column> Columns() const {
    std::vector<Column> columns = {{by_type_ ? "type" : "layer", Align::kLeft}};
    columns.push_back(by_type_ ? Column{"layers"} : Column{"operators", Align::kLeft});
    for (const char* title : {"ms", "%", "MMAC", "MB", "MAC/B", "GMAC/s", "GB/s"}) columns.push_back({title});
    if (verdicts_) columns.insert(columns.end(), {{"of roof %"}, {"verdict", Align::kLeft}});
    return columns;
  }

  bool by_type_;
  bool verdicts_;
  TextTable table_;
};

// In the order of execution, or, of the top only, of time.
std::vector<const ProfileRow*> RowsToShow(const std::vector<ProfileRow>& rows, const ProfileView& view) {
  std::vector<const ProfileRow*> shown;
  for (const ProfileRow& row : rows) shown.push_back(&row);
  if (!view.top) return shown;
  // Of two that take equally long, the one that comes first.
  std::sort(shown.begin(), shown.end(), [](const ProfileRow* a, const ProfileRow* b) {
    return std::tie(b->duration_ns.value, a) < std::tie(a->duration_ns.value, b);
  });
  shown.resize(std::min(shown.size(), *view.top));
  return shown;
}

// The sum of medians, which is not quite the median of the sums.
void AddOthers(const std::vector<ProfileRow>& rows, const std::vector<const ProfileRow*>& shown,
               ProfileTable& table) {
  if (shown.size() == rows.size()) return;
  double ns = 0;
  double share = 0;
  for (const ProfileRow& row : rows) ns += row.duration_ns.value, share += row.share;
  for (const ProfileRow* row : shown) ns -= row->duration_ns.value, share -= row->share;
  table.AddTime(fmt::format("({} more)", rows.size() - shown.size()), Milliseconds(ns), Percent(share));
}

std::string Table(const Profile& profile, const ProfileView& view) {
  const std::vector<ProfileRow>& rows = view.by_type ? profile.types : profile.rows;
  const std::vector<const ProfileRow*> shown = RowsToShow(rows, view);
  ProfileTable table(profile, view.by_type);
  for (const ProfileRow* row : shown) table.Add(*row);
  AddOthers(rows, shown, table);
  const double whole = profile.inference_ns.value;
  table.AddTime("(not in any layer)", MillisecondsWithError(profile.unattributed_ns),
                whole > 0 ? Percent(profile.unattributed_ns.value / whole) : "-");
  return table.ToString();
}

std::string SumLines(const Profile& profile) {
  const double whole = profile.inference_ns.value;
  const double more = whole > 0 ? (profile.profiled_ns.value / whole - 1) * 100 : 0;
  std::string text = fmt::format(
      "inference    {} ms without the profiler, {} ms with it ({:+.1f} %)\n"
      "layers       {} ms together\n",
      MillisecondsWithError(profile.inference_ns), MillisecondsWithError(profile.profiled_ns), more,
      MillisecondsWithError(profile.layers_ns));
  const Estimate& rest = profile.unattributed_ns;
  if (rest.value < 0) {
    const bool sure = rest.high && *rest.high < 0;
    text += std::string("             more than the inference without the profiler: ") +
            (sure ? "layers ran side by side, or took longer for being watched\n"
                  : "no more than the runs differ by\n");
  }
  return text;
}

std::string WithoutTimeLine(const std::vector<std::string>& nodes) {
  if (nodes.empty()) return "";
  std::vector<std::string> names(
      nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), kNamesShown)));
  if (nodes.size() > kNamesShown) names.push_back(fmt::format("{} more", nodes.size() - kNamesShown));
  return "no time      of nodes the framework runs for nothing, or under a name that fits none: " +
         Join(names) + "\n";
}

}  // namespace

std::string ProfileText(const ProfileReport& report, const ProfileView& view) {
  const Profile& profile = report.profile;
  std::string text = Heading(report);
  if (!report.partial_reason.empty()) text += "partial      " + report.partial_reason + "\n";
  text += RoofLine(report) + "\n" + Table(profile, view) + "\n";
  text += SumLines(profile) + WithoutTimeLine(profile.nodes_without_time);
  text +=
      "medians over the runs; ± is the wider side of the 95 % confidence interval; %: of the inference "
      "without "
      "the profiler;\nMB: weights, and activations read and written; MAC/B: multiply-adds per byte";
  if (profile.roofs && !view.by_type) text += "; of roof %: least time by the roofs over the time";
  return text + "\ndocs/profiling.md explains rows and verdicts\n";
}

}  // namespace sightline::report
