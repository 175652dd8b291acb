# SOCI with its SQLite and PostgreSQL parts, as targets soci_core, soci_sqlite3 and soci_postgresql.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_CORE_LIBRARY soci_core)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3)
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql)
mark_as_advanced(SOCI_INCLUDE_DIR SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY
                                  SOCI_INCLUDE_DIR)
if(SOCI_FOUND)
  foreach(part core sqlite3 postgresql)
    string(TOUPPER ${part} upper)
    if(NOT TARGET soci_${part})
      add_library(soci_${part} UNKNOWN IMPORTED)
      set_target_properties(soci_${part} PROPERTIES IMPORTED_LOCATION ${SOCI_${upper}_LIBRARY}
                            INTERFACE_INCLUDE_DIRECTORIES ${SOCI_INCLUDE_DIR})
    endif()
  endforeach()
  target_link_libraries(soci_sqlite3 INTERFACE soci_core)
  target_link_libraries(soci_postgresql INTERFACE soci_core)
endif()
