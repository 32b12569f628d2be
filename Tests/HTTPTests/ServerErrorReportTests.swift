import Foundation
import HTTP
import Testing

@Suite("Server error report")
struct ServerErrorReportTests {
  @Test(
    "an error is found in each form, its words without their JSON and the status that it names",
    arguments: [
      // OpenAI, vLLM, llama.cpp.
      (#"{"error":{"message":"too long","type":"BadRequestError","code":400}}"#, "too long", 400),
      (#"{"error":{"message":"too long","code":"400"}}"#, "too long", 400),
      (#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#, "too long", 400),
      (
        #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
        "Loading model", 503
      ),
      (#"{"error":{"message":"engine died","type":"server_error"}}"#, "engine died", 500),
      (#"{"error":{"message":"quota exceeded"}}"#, "quota exceeded", nil),
      (#"{"error":{"message":"slow down","type":"rate_limit_exceeded"}}"#, "slow down", 429),
      // SGLang, LMDeploy and older vLLM: at top level.
      (
        #"{"object":"error","message":"Image count 6","type":"BadRequest","code":400}"#,
        "Image count 6", 400
      ),
      (#"{"message":"no such model","code":404}"#, "no such model", 404),
      // TGI and its hub.
      (
        #"{"error":"Input validation error","error_type":"validation"}"#, "Input validation error",
        422
      ),
      (#"{"error":{"message":"too long","http_status_code":422}}"#, "too long", 422),
      (#"{"error":"Model is overloaded","error_type":"overloaded"}"#, "Model is overloaded", 429),
      // FastAPI.
      (#"{"detail":"Not Found"}"#, "Not Found", nil),
      (
        #"{"detail":[{"loc":["body","top_k"],"msg":"extra fields","type":"extra"}]}"#,
        "'top_k': extra fields", nil
      ),
      (
        #"{"detail":[{"loc":["body","n"],"msg":"a"},{"loc":["body","x",0],"msg":"b"}]}"#,
        "'n': a; 'x.0': b", nil
      ),
      (#"{"detail":{"error":{"message":"deep","code":413}}}"#, "deep", 413),
      (#"{"errors":["first","second"]}"#, "first; second", nil),
      (#"{"error":{"errors":[{"message":"listed"}],"code":422}}"#, "listed", 422),
      // Within each other, and quoted by a proxy.
      (#"{"error":{"error":{"message":"inner","code":400},"code":500}}"#, "inner", 400),
      (#"{"error":{"message":"{\"error\":{\"message\":\"inner\",\"code\":400}}"}}"#, "inner", 400),
      (
        #"{"error":{"message":"litellm.BadRequestError: Error code: 400 - {'object': 'error', 'message': \"it's too long\", 'param': None, 'code': 400}","code":"500"}}"#,
        "it's too long", 500
      ),
      (
        #"{"error":{"message":"Error code: 422 - nothing else"}}"#,
        "Error code: 422 - nothing else", 422
      ),
      // A short name beside the reason.
      (
        #"{"message":"Cannot POST /v1","error":"Not Found","statusCode":404}"#,
        "Not Found: Cannot POST /v1", 404
      ),
      // With choices beside it, as OpenRouter ends a stream.
      (
        #"{"error":{"message":"gone","code":502},"choices":[{"delta":{"content":""}}]}"#, "gone",
        502
      ),
      (
        #"{"choices":[{"delta":{},"finish_reason":"error","error":{"message":"gone","code":502}}]}"#,
        "gone", 502
      ),
    ] as [(String, String, Int?)])
  func forms(json: String, words: String, status: Int?) throws {
    let report = try #require(ServerErrorReport(json: Data(json.utf8)), "\(json)")
    #expect(report.words == words)
    #expect(report.status == status)
  }

  @Test(
    "an answer is no error",
    arguments: [
      #"{"error":null,"choices":[{"delta":{"content":"a"}}]}"#,
      #"{"error":"","choices":[]}"#, #"{"error":{},"choices":[{}]}"#,
      #"{"error":{"message":null},"choices":[{}]}"#, #"{"error":false,"id":"c"}"#,
      #"{"choices":[],"usage":{"prompt_tokens":3}}"#,
      #"{"detail":"high","choices":[{"message":{"content":"a"}}]}"#,
      #"{"object":"chat.completion.chunk","choices":null}"#, "[]", "3", "not json", "",
    ])
  func answers(json: String) {
    #expect(ServerErrorReport(json: Data(json.utf8)) == nil)
  }

  @Test("a body that is known to be an error may have its message alone")
  func known() {
    let body = Data(#"{"message":"Cannot POST","hint":"x"}"#.utf8)
    #expect(ServerErrorReport(json: body) == nil)
    #expect(ServerErrorReport(json: body, isFailure: true)?.words == "Cannot POST")
  }

  @Test(
    "a page is told by its title and text, without tags",
    arguments: [
      (
        "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center>"
          + "<h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>openresty</center></body>",
        "413 Request Entity Too Large: openresty"
      ),
      (
        "<!DOCTYPE html><title>Error</title><pre>Cannot POST &lt;x&gt; &amp; more</pre>",
        "Error: Cannot POST <x> & more"
      ),
      ("<HTML><BODY><script>var a = '<b>';</script><h1>Bad gateway</h1></BODY>", "Bad gateway"),
      ("a < b and b > c", "a < b and b > c"), ("", "no reason given"), ("  \n", "no reason given"),
    ])
  func pages(text: String, line: String) {
    #expect(ErrorText.line(of: Data(text.utf8)) == line)
  }

  @Test("a line is cut at 300 characters")
  func long() {
    #expect(ErrorText.line(String(repeating: "ab ", count: 400)).count == 300)
  }
}
