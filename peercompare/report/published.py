"""Works that a report cites beside the framework's sources, and where their own words are kept."""

from __future__ import annotations

CDC = (
    "Kidder, D. P., Fierro, L. A., Luna, E., and others (2024). CDC Program Evaluation Framework, 2024. MMWR "
    "Recommendations and Reports 73(6), 1-37. https://doi.org/10.15585/mmwr.rr7306a1"
)
KINCAID = (
    "Kincaid, J. P., Fishburne, R. P., Rogers, R. L., and Chissom, B. S. (1975). Derivation of New "
    "Readability Formulas for Navy Enlisted Personnel. Research Branch Report 8-75, Naval Technical "
    "Training Command, Millington."
)
KRIPPENDORFF = (
    "Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, "
    "Annenberg School for Communication. https://repository.upenn.edu/asc_papers/43"
)
GWET = (
    "Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high "
    "agreement. British Journal of Mathematical and Statistical Psychology 61(1), 29-48. "
    "https://doi.org/10.1348/000711006X126600"
)
COREQ = (
    "Tong, A., Sainsbury, P., and Craig, J. (2007). Consolidated criteria for reporting qualitative "
    "research (COREQ): a 32-item checklist for interviews and focus groups. International Journal for "
    "Quality in Health Care 19(6), 349-357. https://doi.org/10.1093/intqhc/mzm042"
)
SRQR = (
    "O'Brien, B. C., Harris, I. B., Beckman, T. J., Reed, D. A., and Cook, D. A. (2014). Standards for "
    "Reporting Qualitative Research: A Synthesis of Recommendations. Academic Medicine 89(9), 1245-1251. "
    "https://doi.org/10.1097/ACM.0000000000000388"
)
