# Files of the repository that the program carries inside, so that the file is the one source.
#   sightline_embed(ROOM FILE SYMBOL): defines `extern const std::string_view SYMBOL`, namespace sightline::ROOM.
function(sightline_embed room file symbol)
  file(READ ${CMAKE_SOURCE_DIR}/${file} text)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file})
  set(generated ${CMAKE_BINARY_DIR}/embedded/${room}_${symbol}.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Made from @file@.
#include <string_view>

namespace sightline::@room@ {
extern const std::string_view @symbol@;
const std::string_view @symbol@ = R\"embedded(@text@)embedded\";
}  // namespace sightline::@room@
")
  target_sources(sightline_${room} PRIVATE ${generated})
endfunction()

sightline_embed(study schema/plan.schema.json kPlanSchema)
sightline_embed(description schema/model_description.schema.json kModelDescriptionSchema)
