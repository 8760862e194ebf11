using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProcesStandardu.Approval.Documents;

namespace ProcesStandardu.Approval.Comments;

internal sealed class CommentTables :
    IEntityTypeConfiguration<Comment>, IEntityTypeConfiguration<CommentVoice>, IEntityTypeConfiguration<CommentDisposition>,
    IEntityTypeConfiguration<CommentResponse>, IEntityTypeConfiguration<CommentImport>
{
    public static void Map(ModelBuilder model)
    {
        var tables = new CommentTables();
        model.ApplyConfiguration<Comment>(tables);
        model.ApplyConfiguration<CommentVoice>(tables);
        model.ApplyConfiguration<CommentDisposition>(tables);
        model.ApplyConfiguration<CommentResponse>(tables);
        model.ApplyConfiguration<CommentImport>(tables);
    }

    public void Configure(EntityTypeBuilder<Comment> builder)
    {
        builder.ToTable("comment").HasKey(comment => comment.Id);
        builder.HasOne<Revision>().WithMany().HasForeignKey(comment => comment.RevisionId);
        builder.HasOne<CommentImport>().WithMany().HasForeignKey(comment => comment.ImportId);
        builder.HasOne<StoredFile>().WithMany().HasForeignKey(comment => comment.FileId);
        builder.Property(comment => comment.Kind).HasConversion(Stored(CommentNames.Kinds));
    }

    public void Configure(EntityTypeBuilder<CommentVoice> builder)
    {
        builder.ToTable("comment_voice").HasKey(voice => voice.Id);
        builder.HasOne<Comment>().WithMany().HasForeignKey(voice => voice.CommentId);
    }

    public void Configure(EntityTypeBuilder<CommentDisposition> builder)
    {
        builder.ToTable("comment_disposition").HasKey(disposition => disposition.Id);
        builder.HasOne<Comment>().WithMany().HasForeignKey(disposition => disposition.CommentId);
        builder.Property(disposition => disposition.Kind).HasConversion(Stored(CommentNames.Dispositions));
    }

    public void Configure(EntityTypeBuilder<CommentResponse> builder)
    {
        builder.ToTable("comment_response").HasKey(response => response.Id);
        builder.HasOne<CommentDisposition>().WithMany().HasForeignKey(response => response.DispositionId);
        builder.Property(response => response.Kind).HasConversion(Stored(CommentNames.Responses));
    }

    public void Configure(EntityTypeBuilder<CommentImport> builder)
    {
        builder.ToTable("comment_import").HasKey(import => import.Id);
        builder.HasOne<Revision>().WithMany().HasForeignKey(import => import.RevisionId);
        builder.Property(import => import.Content).HasColumnType("jsonb");
    }

    private static ValueConverter<T, string> Stored<T>(IReadOnlyDictionary<T, string> names)
        where T : struct, Enum
    {
        var values = names.ToDictionary(pair => pair.Value, pair => pair.Key);
        return new ValueConverter<T, string>(value => names[value], name => values[name]);
    }
}

/// <summary>The names under which this slice's choices are stored; they outlive the enumerations.</summary>
internal static class CommentNames
{
    public static readonly IReadOnlyDictionary<CommentKind, string> Kinds = new Dictionary<CommentKind, string>
    {
        [CommentKind.General] = "general",
        [CommentKind.Technical] = "technical",
        [CommentKind.Editorial] = "editorial",
    };

    public static readonly IReadOnlyDictionary<DispositionKind, string> Dispositions = new Dictionary<DispositionKind, string>
    {
        [DispositionKind.Accepted] = "accepted",
        [DispositionKind.AcceptedInPart] = "accepted_in_part",
        [DispositionKind.NotAccepted] = "not_accepted",
        [DispositionKind.Clarified] = "clarified",
        [DispositionKind.Withdrawn] = "withdrawn",
    };

    public static readonly IReadOnlyDictionary<ResponseKind, string> Responses = new Dictionary<ResponseKind, string>
    {
        [ResponseKind.Satisfied] = "satisfied",
        [ResponseKind.NotSatisfied] = "not_satisfied",
    };
}
