import java.io.FileInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;

/**
 * Judges PDF files by veraPDF. Arguments: the flavours ("ua1,3a"), then the files.
 *
 * <p>Prints tab-separated lines, file and flavour being the argument's number and the flavour's id:
 * {@code verdict FILE FLAVOUR pass|fail ASSERTIONS}, then for each broken rule
 * {@code broken FILE FLAVOUR CLAUSE TEST COUNT DESCRIPTION}. Any trouble ends it with a stack trace and status 1.
 */
public final class VeraCheck {
  private static final int SHOWN_FAILURES_PER_RULE = 100;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    VeraCheck check = new VeraCheck();
    List<PDFAFlavour> flavours = new ArrayList<>();
    for (String id : arguments[0].split(",")) {
      PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
      if (flavour == PDFAFlavour.NO_FLAVOUR) {
        throw new IllegalArgumentException("veraPDF knows no flavour " + id);
      }
      flavours.add(flavour);
    }
    for (int file = 1; file < arguments.length; file++) {
      check.judge(file - 1, arguments[file], flavours);
    }
  }

  private void judge(int number, String file, List<PDFAFlavour> flavours) throws Exception {
    // Read once for all flavours: reading is most of the work.
    try (FileInputStream stream = new FileInputStream(file);
        PDFAParser document = Foundries.defaultInstance().createParser(stream, flavours.get(0));
        PDFAValidator validator =
            ValidatorFactory.createValidatorByFlavours(flavours, SHOWN_FAILURES_PER_RULE, false, false, false)) {
      for (ValidationResult result : validator.validateAll(document)) {
        String verdict = result.isCompliant() ? "pass" : "fail";
        String flavourId = result.getPDFAFlavour().getId();
        line("verdict", number, flavourId, verdict, result.getTotalAssertions());
        Map<String, String> descriptions = descriptions(result);
        for (Map.Entry<RuleId, Integer> failed : result.getFailedChecks().entrySet()) {
          RuleId rule = failed.getKey();
          line("broken", number, flavourId, rule.getClause(), rule.getTestNumber(), failed.getValue(),
              descriptions.get(key(rule)));
        }
      }
    }
  }

  private static Map<String, String> descriptions(ValidationResult result) {
    Map<String, String> byRule = new TreeMap<>();
    for (Rule rule : result.getValidationProfile().getRules()) {
      byRule.put(key(rule.getRuleId()), rule.getDescription());
    }
    return byRule;
  }

  private static String key(RuleId rule) {
    return rule.getClause() + "/" + rule.getTestNumber();
  }

  private void line(Object... cells) {
    StringBuilder text = new StringBuilder();
    for (Object cell : cells) {
      text.append(text.length() == 0 ? "" : "\t").append(String.valueOf(cell).replaceAll("\\s+", " "));
    }
    out.println(text);
  }
}
